/** Light, dark, or as the system has it. Kept by the web view itself: it is about this window alone. */

export type Theme = "system" | "light" | "dark";

const KEY = "theme";

function read(): Theme {
  try {
    const kept = localStorage.getItem(KEY);
    return kept === "light" || kept === "dark" ? kept : "system";
  } catch {
    return "system"; // Storage can be refused; the system's theme needs none.
  }
}

export class ThemeChoice {
  current = $state<Theme>(read());

  apply(): void {
    const root = document.documentElement;
    if (this.current === "system") delete root.dataset.theme;
    else root.dataset.theme = this.current;
  }

  choose(theme: Theme): void {
    this.current = theme;
    this.apply();
    try {
      if (theme === "system") localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, theme);
    } catch {
      // It then lasts until the window closes.
    }
  }
}
