use super::*;
use model::{DeviceSecrets, Digest, DisplayName, Name, RelPath, TransferId};
use transfer_proto::{Acknowledgement, ListedFile, RECEIPT_VERSION, ReceiptContent, Statement};

fn line(name: &str, sum: Option<&str>) -> ReceiptLine {
    ReceiptLine {
        path: RelPath::of_name(Name::parse(name).unwrap()),
        content: ReceiptContent::File(ListedFile {
            size_bytes: 5,
            digest: Digest::of(name.as_bytes()),
            sha256: sum.map(|sum| Digest::of(sum.as_bytes())),
        }),
    }
}

fn receipt_of(lines: &[ReceiptLine]) -> Receipt {
    let mut listing = Listing::default();
    for line in lines {
        listing.push(line);
    }
    let [sender, receiver] = [1, 2].map(|seed| DeviceSecrets::from_bytes(&[seed; 64]));
    let time = Timestamp {
        seconds: 0,
        nanoseconds: 0,
    };
    let statement = Statement {
        version: RECEIPT_VERSION,
        transfer: TransferId([1; 16]),
        sender: sender.public().signing,
        receiver: receiver.public().signing,
        sender_name: DisplayName::new("Ana"),
        title: DisplayName::new("two"),
        contents: listing.finish(0),
        sent_at: time,
    };
    let statement = statement.sign(&sender);
    let acknowledgement = Acknowledgement {
        receiver_name: DisplayName::new("Ben"),
        received_at: time,
    };
    Receipt {
        acknowledgement: statement.acknowledge(acknowledgement, &receiver),
        statement,
    }
}

fn written(path: &Path, records: &[Vec<u8>]) {
    let mut writer = RecordWriter::create(path, Overwrite::Replace).unwrap();
    for record in records {
        writer.push(record).unwrap();
    }
    writer.finish().unwrap();
}

fn check(path: &Path) -> Result<ReceiptView, ErrorCode> {
    verify(path, &Against::Nothing, &mut |_| {}).map_err(|error| error.code)
}

#[test]
fn an_export_holds_only_sums_that_were_signed() {
    let folder = tempfile::tempdir().unwrap();
    let (list, file) = (folder.path().join("list"), folder.path().join("receipt"));
    // Only one file has a sum, so the list as a whole has none.
    let lines = [line("a", Some("sum")), line("b", None)];
    let receipt = receipt_of(&lines);
    assert_eq!(receipt.statement.statement.contents.sums, None);
    written(&list, &lines.each_ref().map(ReceiptLine::encode));
    export(&HEXLOWER.encode(&receipt.encode()), &list, &file).unwrap();
    assert!(check(&file).is_ok());

    let mut records = vec![MAGIC.to_vec(), receipt.encode()];
    records.extend(lines.iter().map(ReceiptLine::encode));
    written(&file, &records);
    assert_eq!(
        check(&file),
        Err(ErrorCode::Integrity),
        "a sum that nobody signed"
    );
}

#[test]
fn a_list_that_is_too_short_too_long_or_another_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("receipt");
    let lines = [line("a", Some("1")), line("b", Some("2"))];
    let receipt = receipt_of(&lines);
    let mut records = vec![MAGIC.to_vec(), receipt.encode()];
    records.extend(lines.iter().map(ReceiptLine::encode));
    written(&file, &records);
    assert!(check(&file).is_ok());
    for (what, altered) in [
        ("too short", records[..3].to_vec()),
        ("too long", [&records[..], &records[3..]].concat()),
        (
            "turned",
            vec![
                records[0].clone(),
                records[1].clone(),
                records[3].clone(),
                records[2].clone(),
            ],
        ),
        ("no receipt", records[..1].to_vec()),
        ("no magic", records[1..].to_vec()),
        ("nothing", Vec::new()),
    ] {
        written(&file, &altered);
        assert_eq!(check(&file), Err(ErrorCode::Integrity), "{what}");
    }
    let missing = folder.path().join("missing");
    assert_eq!(check(&missing), Err(ErrorCode::SourceUnreadable));
}
