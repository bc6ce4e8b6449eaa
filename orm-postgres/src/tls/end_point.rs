//! What ties a password to the server's certificate: `tls-server-end-point` of
//! <https://www.rfc-editor.org/rfc/rfc5929#section-4>.

use sha2::{Digest, Sha256, Sha384, Sha512};

const SEQUENCE: u8 = 0x30;
const OBJECT_IDENTIFIER: u8 = 0x06;

/// The hash of a certificate, by the function its signature uses; SHA-256 in place of those that are broken.
///
/// None where the signature tells no function, as with Ed25519: the server computes none either.
pub(crate) fn hash(certificate: &[u8]) -> Option<Vec<u8>> {
    Some(match function(signature_algorithm(certificate)?)? {
        Function::Sha256 => Sha256::digest(certificate).to_vec(),
        Function::Sha384 => Sha384::digest(certificate).to_vec(),
        Function::Sha512 => Sha512::digest(certificate).to_vec(),
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Function {
    Sha256,
    Sha384,
    Sha512,
}

/// The function of a signature algorithm, by its identifier in DER. See <https://www.rfc-editor.org/rfc/rfc8017#appendix-C>
/// and <https://www.rfc-editor.org/rfc/rfc5758#section-3.2>.
fn function(identifier: &[u8]) -> Option<Function> {
    const PKCS1: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01];
    const ECDSA_SHA1: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01];
    const ECDSA_SHA2: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03];
    if identifier == ECDSA_SHA1 {
        return Some(Function::Sha256);
    }
    let (last, family) = identifier.split_last()?;
    match (family, last) {
        // MD5 and SHA-1.
        (PKCS1, 4 | 5 | 11) | (ECDSA_SHA2, 2) => Some(Function::Sha256),
        (PKCS1, 12) | (ECDSA_SHA2, 3) => Some(Function::Sha384),
        (PKCS1, 13) | (ECDSA_SHA2, 4) => Some(Function::Sha512),
        _ => None,
    }
}

/// `Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm SEQUENCE { algorithm OBJECT IDENTIFIER, … }, … }`
fn signature_algorithm(certificate: &[u8]) -> Option<&[u8]> {
    let (certificate, _) = element(SEQUENCE, certificate)?;
    let (_, rest) = element(SEQUENCE, certificate)?;
    let (algorithm, _) = element(SEQUENCE, rest)?;
    Some(element(OBJECT_IDENTIFIER, algorithm)?.0)
}

/// The content of an element in DER, and what follows it.
fn element(tag: u8, bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&[found, length], rest) = bytes.split_first_chunk()?;
    let (length, rest) = match length {
        0..=0x7f => (usize::from(length), rest),
        // The number of bytes the length has.
        0x81..=0x84 => {
            let (digits, rest) = rest.split_at_checked(usize::from(length & 0x7f))?;
            (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
        }
        _ => return None,
    };
    (found == tag).then(|| rest.split_at_checked(length))?
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A certificate of nothing but the parts that are looked at.
    fn certificate(algorithm: &[u8]) -> Vec<u8> {
        let wrap = |tag: u8, content: &[u8]| {
            let length = u16::try_from(content.len()).expect("a short text").to_be_bytes();
            [&[tag, 0x82], &length[..], content].concat()
        };
        let signed = wrap(SEQUENCE, &[0; 300]);
        let algorithm = wrap(SEQUENCE, &wrap(OBJECT_IDENTIFIER, algorithm));
        wrap(SEQUENCE, &[signed, algorithm].concat())
    }

    #[test]
    fn the_hash_is_that_of_the_signature() {
        let check = |algorithm: &[u8], expected: Option<usize>| {
            let certificate = certificate(algorithm);
            assert_eq!(hash(&certificate).map(|hash| hash.len()), expected, "{algorithm:x?}");
        };
        let rsa = |last: u8| [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, last];
        check(&rsa(5), Some(32));
        check(&rsa(11), Some(32));
        check(&rsa(12), Some(48));
        check(&rsa(13), Some(64));
        let ecdsa = |last: u8| [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, last];
        check(&ecdsa(2), Some(32));
        check(&ecdsa(3), Some(48));
        check(&ecdsa(4), Some(64));
        check(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01], Some(32));
        // Ed25519, and a family that is not known.
        check(&[0x2b, 0x65, 0x70], None);
        check(&[0x2a, 0x03], None);
    }

    #[test]
    fn what_is_no_certificate_has_no_hash() {
        let whole = certificate(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 2]);
        assert!(hash(&whole).is_some());
        for length in 0..whole.len() {
            assert_eq!(hash(&whole[..length]), None, "the first {length} bytes");
        }
        assert_eq!(hash(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]), None);
        assert_eq!(hash(&[0x30, 0x80, 0, 0]), None);
    }
}
