//! `run`: builds the app and opens it, on the sandbox profile unless told otherwise. Where there is no display it
//! brings a virtual one and leaves a picture of the window.

use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::build::{SELECTION, interface_if_stale};
use crate::process::{cargo, check, check_quietly, end, root, target};
use crate::session::{Screen, Session};
use crate::setup;

/// A cold start on a busy machine takes some seconds; a window that is still empty then stays empty.
const PATIENCE: Duration = Duration::from_secs(90);

/// Something that never stops moving, a caret or a spinner, must not keep the picture from being taken.
const LONG_ENOUGH: Duration = Duration::from_secs(10);

/// An empty screen or window has a handful of colours; text alone brings dozens of shades.
const COLOURS_OF_CONTENT: u32 = 60;

#[derive(Debug, Default, PartialEq, Eq)]
struct Wish {
    /// One's own accounts instead of the sandbox.
    real: bool,
    /// Leave after the picture.
    once: bool,
    /// For the app.
    arguments: Vec<String>,
}

/// `run [--real] [--once] [-- ARGS]`
pub fn run(arguments: &[String]) -> Result<()> {
    let wish = Wish::read(arguments)?;
    setup::all()?;
    interface_if_stale()?;
    check(&mut cargo(["build", "--bins"].iter().chain(&SELECTION)))?;
    let mut app = app(&wish);
    if has_display() {
        check(&mut app)
    } else {
        run_virtually(&mut app, &wish)
    }
}

impl Wish {
    fn read(arguments: &[String]) -> Result<Self> {
        let mut wish = Self::default();
        let mut rest = arguments.iter();
        while let Some(word) = rest.next() {
            match word.as_str() {
                "--real" => wish.real = true,
                "--once" => wish.once = true,
                "--" => wish.arguments.extend(rest.by_ref().cloned()),
                other => {
                    bail!("`run` doesn't know `{other}`; what comes after `--` goes to the app")
                }
            }
        }
        Ok(wish)
    }
}

fn app(wish: &Wish) -> Command {
    let program = target()
        .join("debug")
        .join(format!("autopilot-desktop{}", std::env::consts::EXE_SUFFIX));
    let mut app = Command::new(program);
    if !wish.real {
        app.arg("--sandbox");
    }
    app.args(&wish.arguments).current_dir(root());
    app
}

fn has_display() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

fn run_virtually(app: &mut Command, wish: &Wish) -> Result<()> {
    let own_bus = std::env::var_os("DBUS_SESSION_BUS_ADDRESS").is_some();
    let session = if wish.real && own_bus {
        println!("There is no display here, so the window opens on a virtual one.");
        Session::only_screen()?
    } else {
        let home = target().join("xtask/home");
        println!(
            "There is no display here, so the window opens on a virtual one, with a keyring and a home folder of its \
             own in {}.",
            home.display()
        );
        Session::lasting(Screen::Virtual, &home)?
    };
    let mut running = Running(
        session
            .apply(app)
            .spawn()
            .context("couldn't start the app")?,
    );
    let picture = root().join("artifacts/window.png");
    photograph_when_ready(&session, &mut running.0, &picture)?;
    println!("{}", picture.display());
    if wish.once {
        return Ok(());
    }
    println!("Running until you press Ctrl-C.");
    let status = running.0.wait()?;
    if !status.success() {
        bail!("the app ended with {status}");
    }
    Ok(())
}

/// The app must not outlive us: without its screen it would only crash later.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        end(&mut self.0);
    }
}

/// Takes pictures of the screen until one has content and is the same as the one before.
fn photograph_when_ready(session: &Session, app: &mut Child, picture: &Path) -> Result<()> {
    if let Some(folder) = picture.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let started = Instant::now();
    let mut first_content = None;
    let mut former = Vec::new();
    loop {
        if let Some(status) = app.try_wait()? {
            bail!("the app ended with {status} before its window had any content");
        }
        photograph(session, picture)?;
        let image = std::fs::read(picture)?;
        if colours(picture)? >= COLOURS_OF_CONTENT {
            let since = first_content.get_or_insert_with(Instant::now);
            if image == former || since.elapsed() > LONG_ENOUGH {
                return Ok(());
            }
        }
        if started.elapsed() > PATIENCE {
            bail!(
                "after {} seconds the window still has no content; what it shows is in {}",
                PATIENCE.as_secs(),
                picture.display()
            );
        }
        former = image;
        std::thread::sleep(Duration::from_millis(500));
    }
}

/// The whole virtual screen without its empty border. No dates in the file: equal pictures are equal bytes.
fn photograph(session: &Session, picture: &Path) -> Result<()> {
    let mut import = Command::new("import");
    import.args([
        "-silent",
        "-window",
        "root",
        "-trim",
        "+repage",
        "-define",
        "png:exclude-chunks=date,time",
    ]);
    // It warns about a border it can't trim as long as the screen is empty.
    check_quietly(session.apply(import.arg(picture)))
}

fn colours(picture: &Path) -> Result<u32> {
    let output = Command::new("identify")
        .args(["-format", "%k"])
        .arg(picture)
        .output()?;
    Ok(String::from_utf8_lossy(&output.stdout)
        .trim()
        .parse()
        .unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_two_dashes_goes_to_the_app() {
        let words: Vec<String> = ["--once", "--", "--real", "x"].map(str::to_owned).to_vec();
        let wish = Wish::read(&words).unwrap();
        assert_eq!(
            wish,
            Wish {
                real: false,
                once: true,
                arguments: vec!["--real".into(), "x".into()]
            }
        );
        assert!(Wish::read(&["--reel".to_owned()]).is_err());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_picture_is_taken_once_the_window_has_content() {
        let session = Session::fresh(Screen::Virtual).unwrap();
        let picture = std::env::temp_dir().join(format!("xtask-{}-window.png", std::process::id()));
        let mut viewer = Command::new("display");
        viewer.arg(root().join("icons/512x512.png"));
        let mut app = Running(session.apply(&mut viewer).spawn().unwrap());
        photograph_when_ready(&session, &mut app.0, &picture).unwrap();
        assert!(colours(&picture).unwrap() >= COLOURS_OF_CONTENT);
        std::fs::remove_file(picture).unwrap();
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_app_that_ends_early_is_said_so_at_once() {
        let session = Session::fresh(Screen::Virtual).unwrap();
        let picture = std::env::temp_dir().join(format!("xtask-{}-none.png", std::process::id()));
        let mut app = Running(session.apply(&mut Command::new("false")).spawn().unwrap());
        app.0.wait().unwrap();
        let error = photograph_when_ready(&session, &mut app.0, &picture).unwrap_err();
        assert!(error.to_string().contains("ended"), "{error}");
    }
}
