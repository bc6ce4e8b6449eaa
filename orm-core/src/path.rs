//! Numbers at the type level: "equal" and "not equal" as types.
//!
//! Stable Rust has no trait for "these two types differ", so whatever must be told apart carries a number written
//! as a type. Columns carry their [`Path`] in their table (so that insert flags can be flipped at it), tables and
//! aliases carry a [`Tag`] hashed from their names.

use std::marker::PhantomData;

/// True or false as a type.
pub trait Bool {
    /// True if both are.
    type And<B: Bool>: Bool;
    /// True if one of them is.
    type Or<B: Bool>: Bool;
}

/// Yes.
pub struct True;
/// No.
pub struct False;

impl Bool for True {
    type And<B: Bool> = B;
    type Or<B: Bool> = True;
}

impl Bool for False {
    type And<B: Bool> = False;
    type Or<B: Bool> = B;
}

/// The way from the root of a balanced binary tree to a leaf: the position of a column in its table.
pub trait Path {
    /// Whether both paths lead to the same leaf.
    type Same<P: Path>: Bool;
    /// Whether this path is at its end.
    type AtEnd: Bool;
    /// Whether this path goes left and then along `P`.
    type LeftThen<P: Path>: Bool;
    /// Whether this path goes right and then along `P`.
    type RightThen<P: Path>: Bool;
}

/// The end of a [`Path`]: this leaf.
pub struct End;
/// Left, then along `P`.
pub struct Left<P>(PhantomData<P>);
/// Right, then along `P`.
pub struct Right<P>(PhantomData<P>);

impl Path for End {
    type Same<P: Path> = P::AtEnd;
    type AtEnd = True;
    type LeftThen<P: Path> = False;
    type RightThen<P: Path> = False;
}

impl<Q: Path> Path for Left<Q> {
    type Same<P: Path> = P::LeftThen<Q>;
    type AtEnd = False;
    type LeftThen<P: Path> = Q::Same<P>;
    type RightThen<P: Path> = False;
}

impl<Q: Path> Path for Right<Q> {
    type Same<P: Path> = P::RightThen<Q>;
    type AtEnd = False;
    type LeftThen<P: Path> = False;
    type RightThen<P: Path> = Q::Same<P>;
}

/// The position of a source in a scope, which rustc infers: here, or further down the list.
pub trait Position {
    /// Whether both name the same position.
    type Same<P: Position>: Bool;
    /// Whether this is the head of the list.
    type AtHead: Bool;
    /// Whether this is one step further down than `P`.
    type After<P: Position>: Bool;
}

/// The head of the list.
pub struct Here;
/// One further down than `P`.
pub struct There<P>(PhantomData<P>);

impl Position for Here {
    type Same<P: Position> = P::AtHead;
    type AtHead = True;
    type After<P: Position> = False;
}

impl<Q: Position> Position for There<Q> {
    type Same<P: Position> = P::After<Q>;
    type AtHead = False;
    type After<P: Position> = Q::Same<P>;
}

/// A hexadecimal digit as a type.
pub trait Digit {
    /// Whether both digits are the same.
    type Same<D: Digit>: Bool;
    /// One answer per digit, `True` at the digit's own place.
    type Is0: Bool;
    #[doc(hidden)]
    type Is1: Bool;
    #[doc(hidden)]
    type Is2: Bool;
    #[doc(hidden)]
    type Is3: Bool;
    #[doc(hidden)]
    type Is4: Bool;
    #[doc(hidden)]
    type Is5: Bool;
    #[doc(hidden)]
    type Is6: Bool;
    #[doc(hidden)]
    type Is7: Bool;
    #[doc(hidden)]
    type Is8: Bool;
    #[doc(hidden)]
    type Is9: Bool;
    #[doc(hidden)]
    type IsA: Bool;
    #[doc(hidden)]
    type IsB: Bool;
    #[doc(hidden)]
    type IsC: Bool;
    #[doc(hidden)]
    type IsD: Bool;
    #[doc(hidden)]
    type IsE: Bool;
    #[doc(hidden)]
    type IsF: Bool;
}

macro_rules! digits {
    ($($name:ident $is:ident: $($answer:ident)*;)*) => {$(
        #[doc = concat!("The digit ", stringify!($name), ".")]
        pub struct $name;
        impl Digit for $name {
            type Same<D: Digit> = D::$is;
            digits!(@answers [Is0 Is1 Is2 Is3 Is4 Is5 Is6 Is7 Is8 Is9 IsA IsB IsC IsD IsE IsF] [$($answer)*]);
        }
    )*};
    (@answers [$($is:ident)*] [$($answer:ident)*]) => { $(type $is = $answer;)* };
}

digits! {
    D0 Is0: True False False False False False False False False False False False False False False False;
    D1 Is1: False True False False False False False False False False False False False False False False;
    D2 Is2: False False True False False False False False False False False False False False False False;
    D3 Is3: False False False True False False False False False False False False False False False False;
    D4 Is4: False False False False True False False False False False False False False False False False;
    D5 Is5: False False False False False True False False False False False False False False False False;
    D6 Is6: False False False False False False True False False False False False False False False False;
    D7 Is7: False False False False False False False True False False False False False False False False;
    D8 Is8: False False False False False False False False True False False False False False False False;
    D9 Is9: False False False False False False False False False True False False False False False False;
    DA IsA: False False False False False False False False False False True False False False False False;
    DB IsB: False False False False False False False False False False False True False False False False;
    DC IsC: False False False False False False False False False False False False True False False False;
    DD IsD: False False False False False False False False False False False False False True False False;
    DE IsE: False False False False False False False False False False False False False False True False;
    DF IsF: False False False False False False False False False False False False False False False True;
}

/// A 32-bit hash of a name, as a type: tells the tables and aliases of a query apart.
pub trait Tag {
    /// Whether both are the same number.
    type Same<T: Tag>: Bool;
    /// Whether this number has these eight digits.
    type Is<A: Digit, B: Digit, C: Digit, D: Digit, E: Digit, F: Digit, G: Digit, H: Digit>: Bool;
}

/// Eight hexadecimal digits.
pub struct Hex<A, B, C, D, E, F, G, H>(PhantomData<(A, B, C, D, E, F, G, H)>);

type And<A, B> = <A as Bool>::And<B>;

impl<A, B, C, D, E, F, G, H> Tag for Hex<A, B, C, D, E, F, G, H>
where
    A: Digit,
    B: Digit,
    C: Digit,
    D: Digit,
    E: Digit,
    F: Digit,
    G: Digit,
    H: Digit,
{
    type Same<T: Tag> = T::Is<A, B, C, D, E, F, G, H>;
    type Is<A2: Digit, B2: Digit, C2: Digit, D2: Digit, E2: Digit, F2: Digit, G2: Digit, H2: Digit> = And<
        And<And<A::Same<A2>, B::Same<B2>>, And<C::Same<C2>, D::Same<D2>>>,
        And<And<E::Same<E2>, F::Same<F2>>, And<G::Same<G2>, H::Same<H2>>>,
    >;
}
