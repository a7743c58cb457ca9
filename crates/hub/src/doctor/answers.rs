//! The answers of all services of the profile, asked once and shared by every check that looks at the network.

use std::sync::Arc;

use futures_core::future::BoxFuture;
use futures_util::{
    FutureExt,
    future::{Shared, join_all},
    stream::FuturesUnordered,
};
use integrations::role;

use super::{
    asking::{Answer, Question, ask},
    proxy::Proxies,
};
use crate::core::Core;

type Asked = Shared<BoxFuture<'static, Answer>>;

#[derive(Clone)]
pub(super) struct Answers {
    asked: Arc<[(Question, Asked)]>,
    pub(super) proxies: Arc<Proxies>,
}

/// What one integration needs to be reached.
pub(super) struct Needs {
    pub(super) id: String,
    pub(super) service: String,
    pub(super) asked: Vec<Asked>,
}

impl Answers {
    /// Asks when somebody first waits, and everybody at most once.
    pub(super) fn begin(core: &Arc<Core>) -> Self {
        let mut asked: Vec<(Question, Asked)> = Vec::new();
        for question in integrations::all()
            .iter()
            .flat_map(|one| questions(core, *one))
        {
            if asked.iter().any(|(known, _)| *known == question) {
                continue;
            }
            let (core, to_ask) = (Arc::clone(core), question.clone());
            let answer = async move { ask(&core.http.get(), &core.clock, &to_ask).await };
            asked.push((question, answer.boxed().shared()));
        }
        Self {
            asked: asked.into(),
            proxies: Arc::new(Proxies::chosen(&core.settings.get().network.proxy)),
        }
    }

    /// Of nobody.
    #[cfg(test)]
    pub(super) fn none() -> Self {
        Self {
            asked: Vec::new().into(),
            proxies: Arc::new(Proxies::chosen(&model::Proxy::None)),
        }
    }

    pub(super) fn questions(&self) -> impl Iterator<Item = &Question> {
        self.asked.iter().map(|(question, _)| question)
    }

    pub(super) fn answer(&self, question: &Question) -> Option<Asked> {
        let found = self.asked.iter().find(|(known, _)| known == question);
        found.map(|(_, asked)| asked.clone())
    }

    pub(super) async fn all(&self) -> Vec<Answer> {
        join_all(self.asked.iter().map(|(_, asked)| asked.clone())).await
    }

    /// As they come.
    pub(super) fn each(&self) -> FuturesUnordered<Asked> {
        self.asked.iter().map(|(_, asked)| asked.clone()).collect()
    }

    pub(super) fn needs(&self, core: &Core) -> Vec<Needs> {
        let all = integrations::all().iter();
        all.map(|integration| Needs {
            id: integration.facts().id.to_string(),
            service: integration.facts().name.clone(),
            asked: questions(core, *integration)
                .iter()
                .filter_map(|question| self.answer(question))
                .collect(),
        })
        .collect()
    }
}

fn questions(core: &Core, integration: &dyn integrations::Integration) -> Vec<Question> {
    let endpoints = core.endpoints(integration);
    let segments: Vec<&str> = integration.facts().reach.split('/').collect();
    let api = endpoints.at(role::API, &segments).ok().map(Question::Api);
    let token = endpoints.get(role::TOKEN).ok().cloned();
    api.into_iter().chain(token.map(Question::Token)).collect()
}
