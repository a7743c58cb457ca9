//! An integration as the faces see it: its facts, put into its words.

use model::{
    Capability, Language, ScopeGrant, Texts,
    integration::{
        AuthView, ClientView, FieldView, IntegrationView, RegisteredClient, ScopeView,
        SetupAnswerView, SetupStepView,
    },
};

use crate::{Auth, FormFacts, Integration, OauthFacts, facts::SetupStep};

/// Everything a face needs to draw it; `registered` says which client is registered for a kind.
#[must_use]
pub fn view(
    integration: &dyn Integration,
    language: Language,
    registered: &dyn Fn(&str) -> Option<RegisteredClient>,
) -> IntegrationView {
    let facts = integration.facts();
    let texts = integration.texts(language);
    IntegrationView {
        id: facts.id.clone(),
        name: facts.name.clone(),
        tagline: texts.plain("tagline"),
        icon_svg: integration.icon_svg().to_owned(),
        auth: match &facts.auth {
            Auth::Oauth(oauth) => oauth_view(integration, texts, oauth, registered),
            Auth::Form(form) => form_view(texts, form),
        },
        scopes: facts
            .scopes
            .iter()
            .map(|fact| ScopeView {
                scope: fact.scope.clone(),
                title: texts.plain(&format!("scope_{}_title", fact.key)),
                explanation: texts.plain(&format!("scope_{}_explanation", fact.key)),
                capabilities: fact.capabilities.clone(),
            })
            .collect(),
        capabilities: facts.capabilities.clone(),
        can_pick: facts.pick.is_some(),
        setup: setup(integration, texts, registered),
    }
}

fn setup(
    integration: &dyn Integration,
    texts: &Texts,
    registered: &dyn Fn(&str) -> Option<RegisteredClient>,
) -> Vec<SetupStepView> {
    let facts = integration.facts();
    // Of a client of the person's own: nobody can change anything in the project of the one we came with.
    let project = facts.auth.as_oauth().and_then(|oauth| {
        let mut own = oauth.clients.keys().filter_map(|kind| registered(kind));
        own.find(|client| client.own)
            .and_then(|client| integration.project_of(&client.client_id))
    });
    let steps = facts.setup.iter();
    steps
        .map(|step| setup_step(texts, step, project.as_deref()))
        .collect()
}

fn setup_step(texts: &Texts, step: &SetupStep, project: Option<&str>) -> SetupStepView {
    let stem = format!("setup_{}", step.key);
    let mut link = step.link.clone();
    if let (Some(param), Some(project)) = (&step.project_param, project) {
        link.query_pairs_mut().append_pair(param, project);
    }
    let answers = step.answers.iter().map(|answer| {
        let key = format!("{stem}_answer_{answer}");
        let warning = format!("{key}_warning");
        SetupAnswerView {
            key: answer.clone(),
            title: texts.plain(&key),
            warning: texts.has(&warning).then(|| texts.plain(&warning)),
        }
    });
    SetupStepView {
        key: step.key.clone(),
        title: texts.plain(&format!("{stem}_title")),
        steps: numbered(texts, &stem),
        link: link.into(),
        answers: answers.collect(),
        mends: step.mends,
        ends_trial: step.ends_trial,
        brings_client: step.brings_client,
    }
}

fn oauth_view(
    integration: &dyn Integration,
    texts: &Texts,
    oauth: &OauthFacts,
    registered: &dyn Fn(&str) -> Option<RegisteredClient>,
) -> AuthView {
    let clients = oauth
        .clients
        .iter()
        .map(|(kind, client)| ClientView {
            kind: kind.clone(),
            title: texts.plain(&format!("client_{kind}_title")),
            redirect: client.redirect,
            needs_secret: client.needs_secret,
            registered: registered(kind),
        })
        .collect();
    AuthView::Oauth {
        provider: integration.facts().provider.clone(),
        clients,
    }
}

fn form_view(texts: &Texts, form: &FormFacts) -> AuthView {
    let fields = form
        .fields
        .iter()
        .map(|field| {
            let say = |part: &str| texts.plain(&format!("field_{}_{part}", field.id));
            FieldView {
                id: field.id.clone(),
                label: say("label"),
                placeholder: say("placeholder"),
                help: say("help"),
                secret: field.secret,
            }
        })
        .collect();
    AuthView::Form {
        steps: numbered(texts, "step"),
        fields,
    }
}

/// What a connection can do with what was really granted, in the order it is shown.
#[must_use]
pub fn capabilities(integration: &dyn Integration, granted: &[String]) -> Vec<Capability> {
    let facts = integration.facts();
    if facts.auth.as_form().is_some() {
        return facts.capabilities.clone();
    }
    let opened = |capability: &Capability| {
        facts
            .scopes
            .iter()
            .any(|fact| fact.capabilities.contains(capability) && fact.is_granted(granted))
    };
    facts.capabilities.iter().copied().filter(opened).collect()
}

/// What was asked for, and whether it was given; also what was given unasked. The base scopes are left out,
/// for they are how the account is known rather than something it permits.
#[must_use]
pub fn scope_grants(
    integration: &dyn Integration,
    language: Language,
    asked: &[String],
    granted: &[String],
) -> Vec<ScopeGrant> {
    let facts = integration.facts();
    let is_base = |scope: &String| {
        facts
            .auth
            .as_oauth()
            .is_some_and(|oauth| oauth.base_scopes.contains(scope))
    };
    let mut grants: Vec<ScopeGrant> = Vec::new();
    let mut add = |scope: &str, title: String, granted: bool| {
        if !grants.iter().any(|grant| grant.scope == scope) {
            grants.push(ScopeGrant {
                scope: scope.to_owned(),
                title,
                granted,
            });
        }
    };
    for fact in &facts.scopes {
        let given = fact.is_granted(granted);
        if given || asked.contains(&fact.scope) {
            let title = integration
                .texts(language)
                .plain(&format!("scope_{}_title", fact.key));
            add(&fact.scope, title, given);
        }
    }
    // A scope this version doesn't know (any more) is shown by its own name rather than hidden.
    for scope in asked.iter().filter(|scope| !is_base(scope)) {
        add(scope, scope.clone(), granted.contains(scope));
    }
    grants
}

/// What dies when a connection is ended at the service, said before it is.
#[must_use]
pub fn consequences(integration: &dyn Integration, language: Language) -> Vec<String> {
    numbered(integration.texts(language), "consequence")
}

/// `STEM_1`, `STEM_2` … as far as the texts go.
fn numbered(texts: &Texts, stem: &str) -> Vec<String> {
    (1..)
        .map(|number| format!("{stem}_{number}"))
        .take_while(|key| texts.has(key))
        .map(|key| texts.plain(&key))
        .collect()
}
