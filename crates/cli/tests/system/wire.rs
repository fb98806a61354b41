//! A wire between a server and its database that can be cut.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use url::Url;

pub(crate) struct Wire {
    /// As the database's, by way of the wire.
    pub(crate) url: String,
    whole: Arc<watch::Sender<bool>>,
    _tasks: JoinSet<()>,
}

impl Wire {
    pub(crate) async fn to(database_url: &str) -> Self {
        let mut url: Url = database_url.parse().unwrap();
        let host = url.host_str().unwrap().to_owned();
        let there = (host, url.port().unwrap_or(5432));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here: SocketAddr = listener.local_addr().unwrap();
        url.set_host(Some("127.0.0.1")).unwrap();
        url.set_port(Some(here.port())).unwrap();
        let (whole, state) = watch::channel(true);
        let mut tasks = JoinSet::new();
        tasks.spawn(carry(listener, there, state));
        Self {
            url: url.into(),
            whole: Arc::new(whole),
            _tasks: tasks,
        }
    }

    /// Ends every connection, and each new one at once.
    pub(crate) fn cut(&self) {
        self.whole.send_replace(false);
    }

    pub(crate) fn mend(&self) {
        self.whole.send_replace(true);
    }
}

async fn carry(listener: TcpListener, there: (String, u16), state: watch::Receiver<bool>) {
    let mut open = JoinSet::new();
    while let Ok((mut here, _)) = listener.accept().await {
        let (there, mut state) = (there.clone(), state.clone());
        if !*state.borrow() {
            continue;
        }
        open.spawn(async move {
            let Ok(mut there) = TcpStream::connect(there).await else {
                return;
            };
            tokio::select! {
                _ = copy_bidirectional(&mut here, &mut there) => {}
                _ = state.wait_for(|whole| !whole) => {}
            }
        });
        while open.try_join_next().is_some() {}
    }
}
