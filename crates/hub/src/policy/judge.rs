//! What a caller's rules say of one write. Pure: everything it needs is handed in.
//!
//! A deny that is about the write wins over everything. Otherwise the most exact rule counts, and among equals an ask.
//! A rule is the more exact the more of connection, capability and recipients it names.
//!
//! What restricts is about a write as soon as it lists one of its recipients, what allows only when it lists them all:
//! nobody evades a rule by writing to somebody else as well.

use model::{AskedBecause, Capability, ConnectionId, Effect, Rule};

/// One write, as far as rules can be about it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    pub(super) connection: ConnectionId,
    pub(super) capability: Capability,
    /// Bare addresses in lower case, or the chat's id. `None` among them: one that can't be told, which no rule names.
    pub(super) recipients: &'a [Option<String>],
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Judgement {
    Allow,
    Ask(AskedBecause),
    Deny,
}

/// `tainted`: the caller was told text from outside, so only recipients that a rule lists are let through.
pub(super) fn judge(rules: &[Rule], writes: Effect, tainted: bool, asked: &Asked<'_>) -> Judgement {
    let about = || rules.iter().filter(|rule| is_about(rule, asked));
    if about().any(|rule| rule.effect == Effect::Deny && names_any(rule, asked)) {
        return Judgement::Deny;
    }
    let best = |effect: Effect, names: fn(&Rule, &Asked<'_>) -> bool| {
        about()
            .filter(|rule| rule.effect == effect && names(rule, asked))
            .max_by_key(|rule| exactness(rule))
    };
    let allow = best(Effect::Allow, names_all);
    let ask = best(Effect::Ask, names_any);
    let effect = match (allow, ask) {
        (Some(allow), Some(ask)) if exactness(allow) > exactness(ask) => Effect::Allow,
        (_, Some(_)) => Effect::Ask,
        (Some(_), None) => Effect::Allow,
        (None, None) => writes,
    };
    match effect {
        Effect::Deny => Judgement::Deny,
        Effect::Ask => Judgement::Ask(AskedBecause::Rule),
        Effect::Allow if tainted && !allow.is_some_and(lists_recipients) => {
            Judgement::Ask(AskedBecause::OutsideText)
        }
        Effect::Allow => Judgement::Allow,
    }
}

/// Does a deny keep this caller from reading through that connection?
pub(super) fn may_read(rules: &[Rule], connection: ConnectionId, capability: Capability) -> bool {
    let asked = Asked {
        connection,
        capability,
        recipients: &[],
    };
    !rules.iter().any(|rule| {
        rule.effect == Effect::Deny && is_about(rule, &asked) && !lists_recipients(rule)
    })
}

/// The least number of writes a day that any rule about this one allows.
pub(super) fn per_day(rules: &[Rule], asked: &Asked<'_>) -> Option<u32> {
    rules
        .iter()
        .filter(|rule| rule.effect != Effect::Deny && is_about(rule, asked))
        .filter_map(|rule| rule.limits.per_day)
        .min()
}

/// Are this rule's folders open to that? What may be taken along to some recipients isn't for others beside them.
pub(super) fn opens_folders(rule: &Rule, asked: &Asked<'_>) -> bool {
    rule.effect != Effect::Deny && is_about(rule, asked) && names_all(rule, asked)
}

fn is_about(rule: &Rule, asked: &Asked<'_>) -> bool {
    rule.connection.is_none_or(|id| id == asked.connection)
        && rule
            .capability
            .is_none_or(|capability| capability == asked.capability)
}

fn lists_recipients(rule: &Rule) -> bool {
    !rule.limits.recipients.is_empty()
}

fn names_all(rule: &Rule, asked: &Asked<'_>) -> bool {
    !lists_recipients(rule)
        || (!asked.recipients.is_empty()
            && asked
                .recipients
                .iter()
                .all(|one| one.as_deref().is_some_and(|one| is_listed(rule, one))))
}

/// One that can't be told may be the one that was meant.
fn names_any(rule: &Rule, asked: &Asked<'_>) -> bool {
    !lists_recipients(rule)
        || asked
            .recipients
            .iter()
            .any(|one| one.as_deref().is_none_or(|one| is_listed(rule, one)))
}

fn is_listed(rule: &Rule, recipient: &str) -> bool {
    rule.limits.recipients.iter().any(|listed| {
        let listed = listed.trim().to_lowercase();
        let whole_domain = listed.starts_with('@')
            && recipient
                .rsplit_once('@')
                .is_some_and(|(name, domain)| !name.is_empty() && domain == &listed[1..]);
        whole_domain || listed == recipient
    })
}

fn exactness(rule: &Rule) -> usize {
    [
        rule.connection.is_some(),
        rule.capability.is_some(),
        lists_recipients(rule),
    ]
    .into_iter()
    .filter(|named| *named)
    .count()
}

#[cfg(test)]
mod tests {
    use model::Limits;

    use super::*;

    fn rule(effect: Effect, recipients: &[&str]) -> Rule {
        Rule {
            connection: None,
            capability: Some(Capability::MailSend),
            effect,
            limits: Limits {
                recipients: recipients.iter().map(|one| (*one).to_owned()).collect(),
                ..Limits::default()
            },
        }
    }

    fn mail_to(to: &[&str]) -> Vec<Option<String>> {
        to.iter().map(|one| Some((*one).to_owned())).collect()
    }

    fn judged(rules: &[Rule], writes: Effect, tainted: bool, to: &[&str]) -> Judgement {
        let recipients = mail_to(to);
        let asked = Asked {
            connection: ConnectionId::generate(),
            capability: Capability::MailSend,
            recipients: &recipients,
        };
        judge(rules, writes, tainted, &asked)
    }

    const BECAUSE_OF_RULE: Judgement = Judgement::Ask(AskedBecause::Rule);
    const BECAUSE_OF_TEXT: Judgement = Judgement::Ask(AskedBecause::OutsideText);

    #[test]
    fn a_deny_wins_over_any_allow() {
        let rules = [
            rule(Effect::Allow, &["a@x.org"]),
            rule(Effect::Deny, &["@x.org"]),
        ];
        assert_eq!(
            judged(&rules, Effect::Allow, false, &["a@x.org"]),
            Judgement::Deny
        );
        let elsewhere = judged(&rules, Effect::Allow, false, &["a@y.org"]);
        assert_eq!(elsewhere, Judgement::Allow);
        // One forbidden recipient among others is enough.
        assert_eq!(
            judged(&rules, Effect::Allow, false, &["a@y.org", "b@x.org"]),
            Judgement::Deny
        );
    }

    #[test]
    fn a_list_of_recipients_covers_a_write_only_as_a_whole() {
        let rules = [rule(Effect::Allow, &["a@x.org", "@firm.example"])];
        let to = |to: &[&str]| judged(&rules, Effect::Ask, false, to);
        assert_eq!(to(&["a@x.org", "b@firm.example"]), Judgement::Allow);
        assert_eq!(to(&["a@x.org", "evil@x.org"]), BECAUSE_OF_RULE);
        assert_eq!(to(&["a@notfirm.example"]), BECAUSE_OF_RULE);
        assert_eq!(to(&[]), BECAUSE_OF_RULE);
    }

    #[test]
    fn a_recipient_that_cannot_be_told_is_on_no_list() {
        let rules = [rule(Effect::Allow, &["a@x.org"])];
        let asked = Asked {
            connection: ConnectionId::generate(),
            capability: Capability::MailSend,
            recipients: &[Some("a@x.org".to_owned()), None],
        };
        assert_eq!(judge(&rules, Effect::Ask, false, &asked), BECAUSE_OF_RULE);
        let denied = [rule(Effect::Deny, &["evil@x.org"])];
        assert_eq!(
            judge(&denied, Effect::Allow, false, &asked),
            Judgement::Deny
        );
        let asked_about = [rule(Effect::Ask, &["evil@x.org"])];
        assert_eq!(
            judge(&asked_about, Effect::Allow, false, &asked),
            BECAUSE_OF_RULE
        );
    }

    #[test]
    fn an_ask_about_one_recipient_is_not_evaded_by_writing_to_another_as_well() {
        let rules = [rule(Effect::Allow, &[]), rule(Effect::Ask, &["boss@x.org"])];
        let to = |to: &[&str]| judged(&rules, Effect::Allow, false, to);
        assert_eq!(to(&["boss@x.org"]), BECAUSE_OF_RULE);
        assert_eq!(to(&["boss@x.org", "a@y.org"]), BECAUSE_OF_RULE);
        assert_eq!(to(&["a@y.org"]), Judgement::Allow);
    }

    #[test]
    fn folders_opened_for_some_recipients_are_closed_to_all_others() {
        let for_some = rule(Effect::Allow, &["a@x.org"]);
        let opens = |rule: &Rule, to: &[&str]| {
            let recipients = mail_to(to);
            let asked = Asked {
                connection: ConnectionId::generate(),
                capability: Capability::MailSend,
                recipients: &recipients,
            };
            opens_folders(rule, &asked)
        };
        assert!(opens(&for_some, &["a@x.org"]));
        assert!(!opens(&for_some, &["a@x.org", "b@y.org"]));
        assert!(opens(&rule(Effect::Ask, &[]), &["b@y.org"]));
        assert!(!opens(&rule(Effect::Deny, &[]), &["b@y.org"]));
    }

    #[test]
    fn the_more_exact_rule_counts_and_among_equals_the_ask() {
        let general = rule(Effect::Ask, &[]);
        let exact = rule(Effect::Allow, &["a@x.org"]);
        assert_eq!(
            judged(&[general.clone(), exact], Effect::Ask, false, &["a@x.org"]),
            Judgement::Allow
        );
        let equal = rule(Effect::Allow, &[]);
        assert_eq!(
            judged(&[general, equal], Effect::Allow, false, &["a@x.org"]),
            BECAUSE_OF_RULE
        );
    }

    #[test]
    fn after_text_from_outside_only_listed_recipients_go_without_a_person() {
        let anybody = [rule(Effect::Allow, &[])];
        assert_eq!(
            judged(&anybody, Effect::Ask, true, &["a@x.org"]),
            BECAUSE_OF_TEXT
        );
        assert_eq!(
            judged(&[], Effect::Allow, true, &["a@x.org"]),
            BECAUSE_OF_TEXT
        );
        let listed = [rule(Effect::Allow, &["a@x.org"])];
        assert_eq!(
            judged(&listed, Effect::Ask, true, &["a@x.org"]),
            Judgement::Allow
        );
    }

    #[test]
    fn a_write_without_recipients_needs_a_person_after_text_from_outside() {
        let asked = Asked {
            connection: ConnectionId::generate(),
            capability: Capability::FilesUpload,
            recipients: &[],
        };
        assert_eq!(judge(&[], Effect::Allow, true, &asked), BECAUSE_OF_TEXT);
    }
}
