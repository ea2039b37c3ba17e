use super::*;
use proptest::prelude::*;

fn arrived(folder: &Path, command: &[&str]) -> Arrived {
    Arrived {
        transfer: TransferId([7; 16]),
        from: DisplayName::new("Ana\n$(reboot)"),
        folder: folder.to_owned(),
        command: command.iter().map(|&word| word.to_owned()).collect(),
    }
}

fn words(text: &str) -> Option<Vec<String>> {
    command_words(text)
}

#[test]
fn a_command_is_a_program_and_its_arguments() {
    assert_eq!(
        words("/bin/a  \"b c\" d\"e\" \"\""),
        Some(["/bin/a", "b c", "de", ""].map(str::to_owned).to_vec())
    );
    for text in ["", "a b", "\"/bin/a", "/bin/a\nb", "./a", "\"\" /bin/a"] {
        assert_eq!(words(text), None, "{text:?}");
    }
    let longest = format!("/{}", "a".repeat(COMMAND_BYTES - 1));
    assert!(words(&longest).is_some());
    assert_eq!(words(&format!("{longest}a")), None);
}

proptest! {
    #[test]
    fn words_in_quotes_are_kept_whatever_a_shell_would_make_of_them(
        arguments in prop::collection::vec("[ -!#-~]{0,12}", 0..5),
    ) {
        let quoted: Vec<String> = arguments.iter().map(|it| format!("\"{it}\"")).collect();
        let found = command_words(&format!("/bin/x {}", quoted.join(" "))).unwrap();
        prop_assert_eq!(&found[1..], &arguments[..]);
    }
}

#[tokio::test]
async fn a_command_learns_what_arrived_and_no_shell_reads_it() {
    let folder = tempfile::tempdir().unwrap();
    let script = "printf '%s|%s|%s|%s' \"$WHERRY_TRANSFER\" \"$WHERRY_FROM\" \"$WHERRY_FOLDER\" \"$1\" > told";
    let command = ["/bin/sh", "-c", script, "sh", "$(reboot); `x`"];
    execute(&arrived(folder.path(), &command)).await.unwrap();
    let told = vfs_free_read(&folder.path().join("told")).await;
    let expected = format!(
        "{}|Ana\\u{{a}}$(reboot)|{}|$(reboot); `x`",
        TransferId([7; 16]),
        folder.path().display()
    );
    assert_eq!(told, expected);
}

#[tokio::test]
async fn failures_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let missing = execute(&arrived(folder.path(), &["/does/not/exist"])).await;
    assert!(matches!(missing, Err(CommandFailure::NotStarted(_))));
    let failing = execute(&arrived(folder.path(), &["/bin/sh", "-c", "exit 3"])).await;
    assert!(matches!(failing, Err(CommandFailure::Failed(status)) if status.code() == Some(3)));
}

#[tokio::test(start_paused = true)]
async fn a_command_that_does_not_end_is_ended() {
    let folder = tempfile::tempdir().unwrap();
    let started = tokio::time::Instant::now();
    let ended = execute(&arrived(folder.path(), &["/bin/sleep", "100000"])).await;
    assert!(matches!(ended, Err(CommandFailure::TooLong)), "{ended:?}");
    assert!(started.elapsed() >= COMMAND_TIME);
}

#[tokio::test]
async fn no_more_commands_wait_than_the_limit() {
    let (sender, _receiver) = queue();
    let folder = Path::new("/");
    for _ in 0..COMMANDS_WAITING {
        sender.try_send(arrived(folder, &["/bin/true"])).unwrap();
    }
    assert!(sender.try_send(arrived(folder, &["/bin/true"])).is_err());
}

#[tokio::test]
async fn commands_run_one_after_the_other_and_the_last_ones_before_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let (sender, receiver) = queue();
    for number in ["1", "2", "3"] {
        let script = "echo begin $1 >> told; sleep 0.05; echo end $1 >> told";
        let command = ["/bin/sh", "-c", script, "sh", number];
        sender.try_send(arrived(folder.path(), &command)).unwrap();
    }
    drop(sender);
    let shutdown = CancellationToken::new();
    shutdown.cancel();
    run(receiver, shutdown).await;
    let told = vfs_free_read(&folder.path().join("told")).await;
    assert_eq!(told, "begin 1\nend 1\nbegin 2\nend 2\nbegin 3\nend 3\n");
}

/// Asks a program, since only some rooms touch files.
async fn vfs_free_read(path: &Path) -> String {
    let output = Command::new("/bin/cat").arg(path).output().await.unwrap();
    String::from_utf8(output.stdout).unwrap()
}
