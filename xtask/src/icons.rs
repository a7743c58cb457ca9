//! `icons`: draws every icon from its SVG. The drawings are committed, so that only someone who changes an icon
//! needs the drawing program. Packs ICO and ICNS itself: both are short lists around PNG files.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::process::{answers, check_quietly, command, root};
use crate::setup;

/// Up to this size the mark is drawn heavier and without a margin: `icon-small.svg`.
const SMALL: u32 = 32;

/// What `tauri.conf.json` lists, and what Linux installs.
const PNGS: [(&str, u32); 8] = [
    ("16x16.png", 16),
    ("32x32.png", 32),
    ("64x64.png", 64),
    ("128x128.png", 128),
    ("128x128@2x.png", 256),
    ("256x256.png", 256),
    ("512x512.png", 512),
    ("icon.png", 1024),
];

/// The first is what Windows shows while the others load, so it is the taskbar's.
const ICO: [u32; 7] = [32, 16, 24, 48, 64, 128, 256];

/// Apple's four-letter types and their pixels: plain, and the same point sizes at double density.
const ICNS: [([u8; 4], u32); 10] = [
    (*b"icp4", 16),
    (*b"icp5", 32),
    (*b"ic11", 32),
    (*b"ic12", 64),
    (*b"ic07", 128),
    (*b"ic13", 256),
    (*b"ic08", 256),
    (*b"ic14", 512),
    (*b"ic09", 512),
    (*b"ic10", 1024),
];

/// Tray pictures, 64 pixels: scaled down by every panel, sharp on dense screens.
const TRAY: [(&str, &str); 2] = [("tray.png", "#000000"), ("tray-on-dark.png", "#ffffff")];
const TRAY_SIZE: u32 = 64;

/// `icons`
pub fn run() -> Result<()> {
    if !answers("rsvg-convert", &["--version"]) {
        setup::packages(&setup::TO_DRAW)?;
    }
    for (name, size) in PNGS {
        write(name, &app(size)?)?;
    }
    let ico = ICO
        .iter()
        .map(|&size| Ok((size, app(size)?)))
        .collect::<Result<Vec<_>>>()?;
    write("icon.ico", &pack_ico(&ico))?;
    let icns = ICNS
        .iter()
        .map(|&(kind, size)| Ok((kind, app(size)?)))
        .collect::<Result<Vec<_>>>()?;
    write("icon.icns", &pack_icns(&icns)?)?;
    let tray = source("tray.svg")?;
    for (name, colour) in TRAY {
        write(name, &draw(&tray.replace("#000000", colour), TRAY_SIZE)?)?;
    }
    println!("{} pictures drawn in icons/.", PNGS.len() + TRAY.len() + 2);
    Ok(())
}

/// The app's icon at this many pixels.
fn app(size: u32) -> Result<Vec<u8>> {
    draw(
        &source(if size <= SMALL {
            "icon-small.svg"
        } else {
            "icon.svg"
        })?,
        size,
    )
}

/// An SVG text as PNG.
fn draw(svg: &str, size: u32) -> Result<Vec<u8>> {
    let folder = std::env::temp_dir().join(format!("ap-icons-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let (input, output) = (folder.join("in.svg"), folder.join("out.png"));
    fs::write(&input, svg)?;
    let pixels = size.to_string();
    check_quietly(
        command(
            "rsvg-convert",
            ["--width", &pixels, "--height", &pixels, "--output"],
        )
        .arg(&output)
        .arg(&input),
    )?;
    let png = fs::read(&output)?;
    fs::remove_dir_all(&folder)?;
    if !png.starts_with(b"\x89PNG\r\n\x1a\n") {
        bail!("rsvg-convert didn't draw a PNG");
    }
    Ok(png)
}

fn source(name: &str) -> Result<String> {
    fs::read_to_string(path(name)).with_context(|| format!("couldn't read icons/{name}"))
}

fn write(name: &str, bytes: &[u8]) -> Result<()> {
    fs::write(path(name), bytes).with_context(|| format!("couldn't write icons/{name}"))
}

fn path(name: &str) -> PathBuf {
    root().join("icons").join(name)
}

/// ICONDIR, an ICONDIRENTRY each, then the PNG files (allowed since Windows Vista).
/// <https://learn.microsoft.com/en-us/previous-versions/ms997538(v=msdn.10)>
fn pack_ico(pictures: &[(u32, Vec<u8>)]) -> Vec<u8> {
    const HEADER: usize = 6;
    const ENTRY: usize = 16;
    let count = pictures.len();
    let mut file = Vec::new();
    file.extend(0u16.to_le_bytes());
    file.extend(1u16.to_le_bytes());
    file.extend((count as u16).to_le_bytes());
    let mut offset = HEADER + count * ENTRY;
    for (size, png) in pictures {
        // One byte each for width and height, in which 256 is written as 0.
        let side = (size % 256) as u8;
        file.extend([side, side, 0, 0]);
        file.extend(1u16.to_le_bytes());
        file.extend(32u16.to_le_bytes());
        file.extend((png.len() as u32).to_le_bytes());
        file.extend((offset as u32).to_le_bytes());
        offset += png.len();
    }
    for (_, png) in pictures {
        file.extend(png);
    }
    file
}

/// `icns`, the whole length, then a type, a length (its own eight bytes included) and a PNG each, big-endian.
fn pack_icns(pictures: &[([u8; 4], Vec<u8>)]) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    for (kind, png) in pictures {
        body.extend(kind);
        body.extend(u32::try_from(png.len() + 8)?.to_be_bytes());
        body.extend(png);
    }
    let mut file = b"icns".to_vec();
    file.extend(u32::try_from(body.len() + 8)?.to_be_bytes());
    file.extend(body);
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ico_entry_points_at_its_picture() {
        let file = pack_ico(&[(16, b"small".to_vec()), (256, b"large!".to_vec())]);
        assert_eq!(file[..6], [0, 0, 1, 0, 2, 0]);
        for (entry, side, picture) in [(6, 16, &b"small"[..]), (22, 0, b"large!")] {
            assert_eq!(file[entry], side);
            let number =
                |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().unwrap()) as usize;
            let (length, offset) = (number(entry + 8), number(entry + 12));
            assert_eq!(&file[offset..offset + length], picture);
        }
    }

    #[test]
    fn icns_lengths_include_their_own_headers() {
        let file = pack_icns(&[(*b"ic07", vec![1, 2, 3])]).unwrap();
        assert_eq!(file, b"icns\0\0\0\x13ic07\0\0\0\x0b\x01\x02\x03");
    }
}
