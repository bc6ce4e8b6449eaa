//! The files of migrations as constants.

use std::{fs, path::Path};

use proc_macro2::TokenStream;
use quote::quote;
use syn::LitStr;

/// The migrations of a folder of the crate that is compiled, in the order of their names.
pub(crate) fn embedded_migrations(input: TokenStream) -> TokenStream {
    let folder = match syn::parse2::<LitStr>(input) {
        Ok(folder) => folder,
        Err(error) => return error.to_compile_error(),
    };
    read(&folder).unwrap_or_else(|problem| syn::Error::new(folder.span(), problem).to_compile_error())
}

fn read(folder: &LitStr) -> Result<TokenStream, String> {
    let root = std::env::var("CARGO_MANIFEST_DIR").map_err(|_| "cargo does not say where the crate is".to_owned())?;
    let path = Path::new(&root).join(folder.value());
    let failed = |error: std::io::Error| format!("the folder `{}` cannot be read: {error}", path.display());
    let mut names = Vec::new();
    for entry in fs::read_dir(&path).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir() && !name.starts_with('.') {
            names.push(name);
        }
    }
    names.sort();
    let mut migrations = Vec::new();
    for name in names {
        let file = |file: &str| {
            let file = path.join(&name).join(file);
            if file.is_file() {
                Ok(file.display().to_string())
            } else {
                Err(format!("`{}` is missing", file.display()))
            }
        };
        let (up, down, snapshot) = (file("up.sql")?, file("down.sql")?, file("snapshot.json")?);
        migrations.push(quote! {
            ::orm_kit::EmbeddedMigration {
                id: #name,
                up: ::core::include_str!(#up),
                down: ::core::include_str!(#down),
                snapshot: ::core::include_str!(#snapshot),
            }
        });
    }
    Ok(quote! {{
        const MIGRATIONS: &[::orm_kit::EmbeddedMigration] = &[#(#migrations),*];
        ::orm_kit::Embedded(MIGRATIONS)
    }})
}
