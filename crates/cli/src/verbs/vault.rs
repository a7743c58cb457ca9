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
    let command = terminal.command("vault unlock");
    let instead = terminal.words("cli_vault_pipe", &[("command", &command)]);
    let what = terminal.words("cli_vault_passphrase", &[]);
    let passphrase = input::secret(terminal, &what, &instead).await?;
    let request = Request::UnlockVault { passphrase };
    let vault = answer!(session.ask(request).await?, Vault)?;
    if terminal.out.json() {
        terminal.out.object(&VaultAnswer { vault: &vault });
    }
    if vault.is_unlocked() {
        terminal.out.line(&terminal.words("cli_vault_open", &[]));
        return Ok(());
    }
    Err(model::ErrorCode::VaultLocked.into())
}
