//! Certificates as text, and as a proxy tells them.

use writ_oauth::x509::{
    CertificateFault, MAX_TEXT_BYTES, ReadFault, from_client_cert_chain_header, from_client_cert_header,
    read_certificates,
};

use super::fixture::{Made, base64_of, ca_params, certificates, client_params, pem, root};

fn three() -> [Made; 3] {
    let root = root("Root");
    let issuing = root.issue(ca_params("Issuing"));
    let leaf = issuing.issue(client_params("leaf"));
    [leaf, issuing, root]
}

fn lines(base64: &str) -> String {
    let lines: Vec<_> = base64.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
    lines.join("\r\n")
}

#[test]
fn every_usual_text_gives_the_same_certificates_in_order() {
    let made = three();
    let [a, b, c] = &made;
    let expected = certificates(&[a, b, c]);
    let (pem_a, pem_b, pem_c) = (pem(a), pem(b), pem(c));
    let (a, b, c) = (base64_of(a), base64_of(b), base64_of(c));
    for text in [
        format!("{pem_a}{pem_b}{pem_c}"),
        format!("{pem_a},{pem_b},{pem_c}"),
        format!("{},{},{}", pem_a.trim(), pem_b.trim(), pem_c.trim()),
        format!("{pem_a}{pem_b}{pem_c}").replace('\n', "\r\n"),
        format!("subject=leaf\n{pem_a}\nissuer=x\n{pem_b}\n\n{pem_c}"),
        format!("{a},{b},{c}"),
        format!("{a}, {b},\n{c}\n"),
        format!("{a}\n{b}\n{c}"),
        format!("{},\n{}\n{}", lines(&a), lines(&b), lines(&c)),
        format!("{a}{b}{c}"),
    ] {
        assert_eq!(read_certificates(&text), Ok(expected.clone()), "{text}");
    }
    assert_eq!(read_certificates(&a).unwrap(), expected[..1]);
}

#[test]
fn text_that_is_not_certificates_through_and_through_is_refused() {
    let [leaf, ..] = three();
    let (pem, base64) = (pem(&leaf), base64_of(&leaf));
    let key = format!("-----BEGIN PRIVATE KEY-----\n{base64}\n-----END PRIVATE KEY-----\n");
    let shorter = &base64[..base64.len() - 4];
    for (text, expected) in [
        (String::new(), ReadFault::None),
        (" \n,".to_owned(), ReadFault::None),
        (format!("{pem}{key}"), ReadFault::Text),
        (pem.replace("END CERTIFICATE", "END"), ReadFault::Text),
        (pem.replacen(&base64[..4], "!!!!", 1), ReadFault::Text),
        (format!("{base64}AAAAAAAA"), ReadFault::Certificate(CertificateFault::Malformed)),
        (format!("{base64},x"), ReadFault::Text),
        (shorter.to_owned(), ReadFault::Text),
        (base64.replace('\n', "").replacen('M', "-", 1), ReadFault::Text),
        ("not-base64".to_owned(), ReadFault::Text),
        ("MIID".to_owned(), ReadFault::Text),
        ("MIL//wAA".to_owned(), ReadFault::Certificate(CertificateFault::TooLarge)),
    ] {
        assert_eq!(read_certificates(&text), Err(expected), "{text}");
    }
}

#[test]
fn the_number_and_the_size_are_bounded() {
    let [leaf, ..] = three();
    let (pem, base64) = (pem(&leaf), base64_of(&leaf));
    assert_eq!(read_certificates(&pem.repeat(10)).unwrap().len(), 10);
    for many in [11, 50] {
        assert_eq!(read_certificates(&pem.repeat(many)), Err(ReadFault::TooMany));
        assert_eq!(read_certificates(&vec![base64.as_str(); many].join(",")), Err(ReadFault::TooMany));
    }
    assert_eq!(read_certificates(&"A".repeat(MAX_TEXT_BYTES + 1)), Err(ReadFault::TooLarge));
}

#[test]
fn the_headers_of_a_proxy_are_read() {
    let made = three();
    let [leaf, issuing, root] = &made;
    let (a, b, c) = (base64_of(leaf), base64_of(issuing), base64_of(root));
    assert_eq!(from_client_cert_header(&format!(":{a}:")).unwrap(), leaf.certificate);
    assert_eq!(from_client_cert_header(&format!("  :{a}: ")).unwrap(), leaf.certificate);
    let chain = from_client_cert_chain_header(&format!(":{b}:, :{c}:,\t:{b}:")).unwrap();
    assert_eq!(chain, certificates(&[issuing, root, issuing]));
    assert_eq!(from_client_cert_chain_header(&format!(":{b}:")).unwrap(), certificates(&[issuing]));
}

#[test]
fn headers_of_another_form_are_refused() {
    let [leaf, ..] = three();
    let (a, pem) = (base64_of(&leaf), pem(&leaf));
    for value in [
        "",
        ":",
        "::x",
        &a,
        &format!(":{a}"),
        &format!("{a}:"),
        &format!("\"{a}\""),
        &format!(":{a}:;x=1"),
        &format!(": {a}:"),
        &format!(":{}:", lines(&a)),
        &pem,
        &format!("\t:{a}:"),
        &format!(":{}:", a.replace('+', "-").replace('/', "_").replace('M', "-")),
    ] {
        assert_eq!(from_client_cert_header(value).unwrap_err(), ReadFault::Header, "{value}");
    }
    assert!(from_client_cert_header("::").is_err());
    assert_eq!(from_client_cert_header(&format!(":{a}:, :{a}:")).unwrap_err(), ReadFault::Header);
    for value in ["", " ", &format!(":{a}:,"), &format!(",:{a}:"), &format!(":{a}: :{a}:"), &format!("(:{a}:)")] {
        assert_eq!(from_client_cert_chain_header(value).unwrap_err(), ReadFault::Header, "{value}");
    }
    let many = vec![format!(":{a}:"); 50].join(", ");
    assert_eq!(from_client_cert_chain_header(&many).unwrap_err(), ReadFault::TooMany);
    let large = format!(":{}:", "A".repeat(MAX_TEXT_BYTES));
    assert_eq!(from_client_cert_header(&large).unwrap_err(), ReadFault::TooLarge);
    assert_eq!(from_client_cert_chain_header(&large).unwrap_err(), ReadFault::TooLarge);
}
