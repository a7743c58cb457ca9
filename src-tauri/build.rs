//! Prepares the window: checks `tauri.conf.json`, the permissions and the capabilities, and on Windows embeds the
//! icon. Without the feature `desktop` there is no window and nothing to do. Reads and writes nothing else.

fn main() {
    // Named, because otherwise cargo watches the whole repository, `ui/node_modules` included.
    println!("cargo:rerun-if-changed=src-tauri/build.rs");
    #[cfg(feature = "desktop")]
    window::prepare();
}

#[cfg(feature = "desktop")]
mod window {
    use std::path::Path;
    use std::process::exit;

    use tauri_build::{AppManifest, Attributes};

    /// The built interface is compiled into the binary, so a new one must make a new binary.
    const INTERFACE: &str = "ui/dist";

    pub fn prepare() {
        for watched in [
            "src-tauri/capabilities",
            "src-tauri/permissions",
            "icons",
            INTERFACE,
        ] {
            println!("cargo:rerun-if-changed={watched}");
        }
        if !Path::new(INTERFACE).join("index.html").exists() {
            println!(
                "cargo:warning=the interface isn't built: `npm --prefix ui ci && npm --prefix ui run build`"
            );
        }
        let attributes = Attributes::new()
            .capabilities_path_pattern("./src-tauri/capabilities/**/*")
            .app_manifest(
                AppManifest::new().permissions_path_pattern("./src-tauri/permissions/**/*"),
            );
        if let Err(error) = tauri_build::try_build(attributes) {
            println!("cargo:error={error:#}");
            exit(1);
        }
    }
}
