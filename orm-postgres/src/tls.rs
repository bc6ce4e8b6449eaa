//! Encrypted connections; without the feature `tls`, what says that there are none.

#[cfg(not(feature = "tls"))]
mod disabled;
#[cfg(feature = "tls")]
mod enabled;
#[cfg(feature = "tls")]
mod end_point;
#[cfg(feature = "tls")]
mod verifier;

#[cfg(not(feature = "tls"))]
pub(crate) use self::disabled::Tls;
#[cfg(feature = "tls")]
pub(crate) use self::enabled::Tls;
