/** The vault's state in words. */

import type { VaultState } from "./api/bindings.ts";
import type { Tone } from "./status.ts";
import { t } from "./texts.ts";

export interface VaultWords {
  tone: Tone;
  sentence: string;
  next: string;
  /** Sign-ins can't be used until something is done. */
  troubled: boolean;
}

export function vaultWords(vault: VaultState): VaultWords {
  switch (vault.kind) {
    case "opening":
      return { tone: "idle", sentence: t("ui_vault_opening"), next: t("ui_vault_opening_next"), troubled: false };
    case "unlocked": {
      const file = vault.place === "file";
      return {
        tone: "good",
        sentence: file ? t("ui_vault_unlocked_file") : t("ui_vault_unlocked_keychain"),
        next: file ? t("ui_vault_unlocked_file_next") : t("ui_vault_unlocked_keychain_next"),
        troubled: false,
      };
    }
    case "locked": {
      const file = vault.place === "file";
      return {
        tone: "warn",
        sentence: file ? t("ui_vault_locked_file") : t("ui_vault_locked_keychain"),
        next: file ? t("ui_vault_locked_file_next") : t("ui_vault_locked_keychain_next"),
        troubled: true,
      };
    }
    case "no_keychain":
      return { tone: "warn", sentence: t("ui_vault_none"), next: t("ui_vault_none_next"), troubled: true };
    case "failing": {
      const file = vault.place === "file";
      return {
        tone: "bad",
        sentence: file ? t("ui_vault_failing_file") : t("ui_vault_failing_keychain"),
        next: t("ui_vault_failing_next"),
        troubled: true,
      };
    }
  }
}
