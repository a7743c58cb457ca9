//! What holds wherever secrets rest.

use std::collections::BTreeMap;

use model::{ConnectionId, Identity, Secret, Timestamp};
use vault::{ClientName, ClientSecret, Credential, Grant, Item, OauthGrant, Vault, VaultError};

pub fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

pub fn item() -> Item {
    Item::Grant(ConnectionId::generate())
}

/// Longer than Windows lets one item be, and not only ASCII.
pub fn grant(token: &str) -> Grant {
    Grant {
        generation: 1,
        integration: "gmail".into(),
        identity: Identity {
            id: "42".to_owned(),
            account: "anna@example.org".to_owned(),
            display_name: Some("Änna 🦀".to_owned()),
        },
        endpoints: BTreeMap::new(),
        credential: Credential::Oauth(OauthGrant {
            client: ClientName {
                provider: "google".into(),
                kind: "desktop".to_owned(),
                client_id: "id.example".to_owned(),
            },
            access_token: secret(&format!("{token}{}", "é".repeat(3000))),
            access_expires_at: Some(Timestamp::UNIX_EPOCH),
            refresh_token: Some(secret(token)),
            refresh_expires_at: None,
            granted: vec!["gmail.send".to_owned()],
            spent: false,
        }),
        asked: vec![],
        connected_at: Timestamp::UNIX_EPOCH,
    }
}

pub async fn all_hold(vault: &Vault) {
    assert!(vault.state().is_unlocked());
    what_is_written_is_read_until_it_is_deleted(vault).await;
    items_do_not_mix(vault).await;
    calls_at_once_all_arrive(vault).await;
    assert!(vault.check().await.is_unlocked());
}

async fn what_is_written_is_read_until_it_is_deleted(vault: &Vault) {
    let item = item();
    assert_eq!(vault.read::<Grant>(&item).await, Ok(None));
    for token in ["first", "second"] {
        vault.write(&item, &grant(token)).await.unwrap();
        assert_eq!(vault.read(&item).await, Ok(Some(grant(token))));
    }
    for _ in 0..2 {
        vault.delete(&item).await.unwrap();
        assert_eq!(vault.read::<Grant>(&item).await, Ok(None));
    }
}

async fn items_do_not_mix(vault: &Vault) {
    let id = ConnectionId::generate();
    let (held, dying) = (Item::Grant(id), Item::Revocation(id));
    let client = Item::Client {
        provider: "google".into(),
        kind: "desktop".to_owned(),
    };
    let registration = ClientSecret {
        client_id: "id.example".to_owned(),
        secret: Some(secret("registered")),
    };
    vault.write(&held, &grant("held")).await.unwrap();
    vault.write(&dying, &grant("dying")).await.unwrap();
    vault.write(&client, &registration).await.unwrap();
    assert_eq!(vault.read(&client).await, Ok(Some(registration)));
    assert_eq!(
        vault.read::<Grant>(&client).await,
        Err(VaultError::Unreadable)
    );
    vault.delete(&held).await.unwrap();
    assert_eq!(vault.read(&dying).await, Ok(Some(grant("dying"))));
    vault.delete(&dying).await.unwrap();
    vault.delete(&client).await.unwrap();
}

async fn calls_at_once_all_arrive(vault: &Vault) {
    let mut writes = tokio::task::JoinSet::new();
    for n in 0..20 {
        let vault = vault.clone();
        writes.spawn(async move {
            let item = item();
            vault.write(&item, &grant(&n.to_string())).await.unwrap();
            (n, item)
        });
    }
    while let Some(written) = writes.join_next().await {
        let (n, item) = written.unwrap();
        assert_eq!(vault.read(&item).await, Ok(Some(grant(&n.to_string()))));
        vault.delete(&item).await.unwrap();
    }
}
