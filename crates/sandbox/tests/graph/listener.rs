//! Somebody who listens for change notifications.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio_util::task::TaskTracker;

/// How the listener answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Mood {
    #[default]
    Willing,
    /// Shakes hands and then fails.
    Failing,
    /// Answers handshakes with something else than the token.
    Deaf,
}

#[derive(Clone, Default)]
struct Ear {
    heard: Arc<Mutex<Vec<Value>>>,
    mood: Arc<Mutex<Mood>>,
    handshakes: Arc<Mutex<usize>>,
}

/// A web server on this machine that keeps what it is told.
pub(crate) struct Listener {
    pub(crate) url: String,
    ear: Ear,
}

impl Listener {
    pub(crate) async fn start() -> Self {
        let ear = Ear::default();
        let router = Router::new()
            .route("/hook", post(hear))
            .with_state(ear.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let tasks = TaskTracker::new();
        tasks.spawn(async move { axum::serve(listener, router).await });
        Self { url, ear }
    }

    pub(crate) fn be(&self, mood: Mood) {
        *self.ear.mood.lock().unwrap() = mood;
    }

    pub(crate) fn handshakes(&self) -> usize {
        *self.ear.handshakes.lock().unwrap()
    }

    /// What has come since this was last asked, each notification by itself.
    pub(crate) fn take(&self) -> Vec<Value> {
        let bodies = self.take_whole();
        let values = bodies.iter().flat_map(|it| it["value"].as_array().unwrap());
        values.cloned().collect()
    }

    /// The same, as it was posted.
    pub(crate) fn take_whole(&self) -> Vec<Value> {
        std::mem::take(&mut *self.ear.heard.lock().unwrap())
    }
}

async fn hear(
    State(ear): State<Ear>,
    Query(query): Query<BTreeMap<String, String>>,
    body: String,
) -> Response {
    let mood = *ear.mood.lock().unwrap();
    if let Some(token) = query.get("validationToken") {
        *ear.handshakes.lock().unwrap() += 1;
        return match mood {
            Mood::Deaf => "something else".into_response(),
            _ => token.clone().into_response(),
        };
    }
    ear.heard
        .lock()
        .unwrap()
        .push(serde_json::from_str(&body).unwrap());
    match mood {
        Mood::Failing => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        _ => StatusCode::ACCEPTED.into_response(),
    }
}
