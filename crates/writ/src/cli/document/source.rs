//! The texts that `-f` names: files, folders of files, and standard input.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::yaml::MAX_BYTES;

/// One text and where it came from.
pub(super) struct Source {
    /// As it is called in messages.
    pub(super) name: String,
    /// The folder that relative paths in it start from.
    pub(super) folder: PathBuf,
    pub(super) text: String,
}

/// Reads everything that `-f` names, in order; what cannot be read is told by name.
pub(super) fn read_all(paths: &[PathBuf], stdin: &mut dyn Read) -> Vec<Result<Source, (String, String)>> {
    let mut sources = Vec::new();
    let mut stdin = Some(stdin);
    for path in paths {
        if path.as_os_str() == "-" {
            let source = stdin.take().ok_or_else(|| "standard input can be read once".to_owned());
            sources.push(
                source.and_then(|stdin| read("(stdin)", Path::new(""), stdin)).map_err(|why| ("-".to_owned(), why)),
            );
        } else if path.is_dir() {
            sources.extend(read_folder(path));
        } else {
            sources.push(read_file(path));
        }
    }
    sources
}

fn read_folder(folder: &Path) -> Vec<Result<Source, (String, String)>> {
    let name = folder.display().to_string();
    let entries = match std::fs::read_dir(folder).and_then(Iterator::collect::<std::io::Result<Vec<_>>>) {
        Ok(entries) => entries,
        Err(error) => return vec![Err((name, error.to_string()))],
    };
    let mut files: Vec<_> =
        entries.into_iter().map(|entry| entry.path()).filter(|path| is_document(path) && path.is_file()).collect();
    files.sort();
    if files.is_empty() {
        return vec![Err((name, "the folder holds no *.yaml, *.yml or *.json".to_owned()))];
    }
    files.iter().map(|path| read_file(path)).collect()
}

fn is_document(path: &Path) -> bool {
    path.extension().is_some_and(|extension| ["yaml", "yml", "json"].iter().any(|known| extension == *known))
}

fn read_file(path: &Path) -> Result<Source, (String, String)> {
    let name = path.display().to_string();
    let folder = path.parent().unwrap_or(Path::new(""));
    std::fs::File::open(path)
        .map_err(|error| error.to_string())
        .and_then(|mut file| read(&name, folder, &mut file))
        .map_err(|why| (name, why))
}

fn read(name: &str, folder: &Path, from: &mut dyn Read) -> Result<Source, String> {
    let mut bytes = Vec::new();
    from.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() > MAX_BYTES {
        return Err("larger than 64 MiB".to_owned());
    }
    let text = String::from_utf8(bytes).map_err(|_| "not UTF-8".to_owned())?;
    Ok(Source { name: name.to_owned(), folder: folder.to_owned(), text })
}
