use axum::extract::State;
use axum::response::Response;

use super::{Just, page};
use crate::App;
use crate::auth::{NewPassword, choose_password};
use crate::problem::Problem;
use crate::ui::form::{Form, Submission};
use crate::ui::page::go;

/// `POST /settings/password`
pub(crate) async fn change(
    State(app): State<App>,
    Submission { viewer, fields, .. }: Submission,
) -> Result<Response, Problem> {
    let (password, current) = (fields.password("password"), fields.password("current"));
    let chosen = choose_password(
        &app,
        &viewer.caller,
        &viewer.member,
        NewPassword {
            password,
            current: Some(current),
            session: Some(viewer.session),
        },
    )
    .await;
    match chosen {
        Ok(()) => Ok(go("/settings?done=password")),
        Err(problem) if problem.internal_reason().is_none() => {
            page(
                &app,
                &viewer,
                Just {
                    form: Form::refused(fields, &problem),
                    ..Just::default()
                },
            )
            .await
        }
        Err(problem) => Err(problem),
    }
}
