//! `autopilot vault unlock`: opens the vault file for this run of the hub.

use model::Request;

use crate::{
    args::VaultVerb,
    failure::Failure,
    input,
    schema::VaultAnswer,
    session::{Session, answer},
    terminal::Terminal,
};

pub(super) async fn run(terminal: &Terminal, verb: VaultVerb) -> Result<(), Failure> {
    match verb {
        VaultVerb::Unlock => unlock(terminal).await,
    }
}

async fn unlock(terminal: &Terminal) -> Result<(), Failure> {
    let mut session = Session::open(&terminal.globals).await?;
    let instead = "Pipe the passphrase into: autopilot vault unlock";
    let passphrase = input::secret(terminal, "Passphrase", instead).await?;
    let request = Request::UnlockVault { passphrase };
    let vault = answer!(session.ask(request).await?, Vault)?;
    if terminal.out.json() {
        terminal.out.object(&VaultAnswer { vault: &vault });
    }
    if vault.is_unlocked() {
        terminal
            .out
            .line("The vault file is open until Autopilot ends.");
        return Ok(());
    }
    Err(model::ErrorCode::VaultLocked.into())
}
