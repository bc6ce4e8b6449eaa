//! The values of `default = ..` and `on_update = ..`.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::{Expr, ExprCall, ExprLit, ExprUnary, Lit, Path, UnOp, spanned::Spanned};

use crate::{
    attr::{Argument, Entry},
    ctxt::Ctxt,
};

/// A value a column gets by itself, and where it was written.
pub(crate) struct Value {
    pub(crate) kind: ValueKind,
    pub(crate) span: Span,
}

/// The kinds of values a column can get by itself.
pub(crate) enum ValueKind {
    Now,
    RandomUuid,
    Boolean(bool),
    Integer(i64),
    Float(f64),
    Text(String),
    Sql(String),
    /// The path of an enum's variant, and that of the enum if the former begins with it.
    Variant(TokenStream, Option<TokenStream>),
}

impl Value {
    /// Parses `name = value`.
    pub(crate) fn parse(entry: &Entry, ctxt: &Ctxt) -> Option<Self> {
        let expr = match &entry.argument {
            Argument::Value(value) => syn::parse2::<Expr>(value.clone()).ok(),
            _ => None,
        };
        let Some(expr) = expr else {
            entry.error(ctxt, unknown(entry.name));
            return None;
        };
        let span = expr.span();
        match kind(&expr, entry.name) {
            Ok(kind) => Some(Self { kind, span }),
            Err(message) => {
                ctxt.error_at(&expr, message);
                None
            }
        }
    }
}

fn unknown(name: &str) -> String {
    format!(
        "malformed `{name}`: write a literal, `now()`, `random_uuid()`, `sql(\"..\")`, \
         or an enum's variant such as `Role::Member`"
    )
}

fn kind(expr: &Expr, name: &str) -> Result<ValueKind, String> {
    match expr {
        Expr::Group(group) => kind(&group.expr, name),
        Expr::Paren(paren) => kind(&paren.expr, name),
        Expr::Lit(ExprLit { lit, .. }) => literal(lit, "", name),
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => match &**expr {
            Expr::Lit(ExprLit { lit: lit @ (Lit::Int(_) | Lit::Float(_)), .. }) => literal(lit, "-", name),
            _ => Err(unknown(name)),
        },
        Expr::Call(call) => function(call, name),
        Expr::Path(path) if path.qself.is_none() => match path.path.get_ident() {
            Some(ident) if ident == "now" || ident == "random_uuid" => Err(format!("write `{name} = {ident}()`")),
            _ => Ok(ValueKind::Variant(path.to_token_stream(), enum_of(&path.path))),
        },
        _ => Err(unknown(name)),
    }
}

/// `Role` of `Role::Member`.
fn enum_of(variant: &Path) -> Option<TokenStream> {
    let mut path = variant.clone();
    path.segments.pop();
    path.segments.pop_punct();
    (!path.segments.is_empty()).then(|| path.to_token_stream())
}

fn literal(literal: &Lit, sign: &str, name: &str) -> Result<ValueKind, String> {
    match literal {
        Lit::Bool(value) => Ok(ValueKind::Boolean(value.value)),
        Lit::Str(value) => Ok(ValueKind::Text(value.value())),
        Lit::Int(value) => format!("{sign}{}", value.base10_digits())
            .parse()
            .map(ValueKind::Integer)
            .map_err(|_| format!("`{sign}{value}` does not fit into 64 bits")),
        Lit::Float(value) => match format!("{sign}{}", value.base10_digits()).parse::<f64>() {
            Ok(float) if float.is_finite() => Ok(ValueKind::Float(float)),
            _ => Err(format!("`{sign}{value}` does not fit into a 64-bit float")),
        },
        _ => Err(unknown(name)),
    }
}

fn function(call: &ExprCall, name: &str) -> Result<ValueKind, String> {
    let function = match &*call.func {
        Expr::Path(path) => path.path.get_ident().map(ToString::to_string),
        _ => None,
    };
    let arguments: Vec<&Expr> = call.args.iter().collect();
    match (function.as_deref(), arguments.as_slice()) {
        (Some("now"), []) => Ok(ValueKind::Now),
        (Some("random_uuid"), []) => Ok(ValueKind::RandomUuid),
        (Some("sql"), [Expr::Lit(ExprLit { lit: Lit::Str(sql), .. })]) => Ok(ValueKind::Sql(sql.value())),
        (Some("now" | "random_uuid"), _) => Err(format!("write `{name} = now()` or `{name} = random_uuid()`")),
        (Some("sql"), _) => Err(format!("write the SQL expression as a literal: `{name} = sql(\"..\")`")),
        _ => Err(unknown(name)),
    }
}
