//! The door, in three commands, so that a page may be given fewer of them. Each takes only requests of its class.

use model::{Access, Error, ErrorCode, Request, Response};
use tauri::State;

use crate::engine::Engine;

#[tauri::command]
pub async fn ask_query(engine: State<'_, Engine>, request: Request) -> Result<Response, Error> {
    engine.ask(of_class(Access::Query, request)?).await
}

#[tauri::command]
pub async fn ask_change(engine: State<'_, Engine>, request: Request) -> Result<Response, Error> {
    engine.ask(of_class(Access::Change, request)?).await
}

#[tauri::command]
pub async fn ask_window(engine: State<'_, Engine>, request: Request) -> Result<Response, Error> {
    engine.ask(of_class(Access::Window, request)?).await
}

fn of_class(class: Access, request: Request) -> Result<Request, Error> {
    if request.access() == class {
        Ok(request)
    } else {
        Err(Error::new(ErrorCode::RefusedCaller))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_command_takes_only_requests_of_its_class() {
        let requests = [
            (Access::Query, Request::ListConnections),
            (Access::Change, Request::Refresh),
            (Access::Window, Request::CheckVault),
        ];
        for (own, request) in requests {
            for class in [Access::Query, Access::Change, Access::Window] {
                let taken = of_class(class, request.clone());
                match class == own {
                    true => assert_eq!(taken, Ok(request.clone())),
                    false => assert_eq!(taken.unwrap_err().code, ErrorCode::RefusedCaller),
                }
            }
        }
    }
}
