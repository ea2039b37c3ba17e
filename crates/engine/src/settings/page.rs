use std::fmt::Write as _;

use super::ROWS;

/// The page `docs/settings.md`: the table, and who decides.
pub fn page() -> String {
    let mut page = HEAD.to_owned();
    for row in ROWS {
        let flag = row
            .flag
            .map_or_else(|| "–".to_owned(), |flag| format!("`--{}`", flag.name()));
        let lock = if row.lockable { "yes" } else { "no" };
        let default = match row.default {
            super::Default::Value(value) => format!("`{value}`"),
            super::Default::Told(words) | super::Default::Packaged(_, words) => words.to_owned(),
        };
        writeln!(
            page,
            "| `{}` | {} | {} | {default} | `{}` | {flag} | {lock} |",
            row.key,
            row.about,
            row.kind.allowed(),
            row.environment,
        )
        .expect("text can be written to");
    }
    page + FOOT
}

const HEAD: &str = "\
# Settings

<!-- Made from the table in crates/engine/src/settings/table.rs: cargo run -p engine --example settings_page > docs/settings.md -->

`wherry config list` shows every setting with its value and where that comes from; `wherry config get KEY` prints one, `wherry config set KEY VALUE` changes it,
and `wherry config set KEY` returns to the default. A value that is not allowed is refused with the name of the setting and with what is allowed.

## Who decides

What stands first wins.

1. **The policy** of whoever looks after the machine. What it holds is locked: nobody else can change it, and a flag that says otherwise is refused. A policy that cannot
   be read keeps the device offline, rather than being passed over. The first of these that is there is the policy:
   - what the system manages. Windows: the values of `HKLM\\Software\\Policies\\Wherry`, and of the same key in `HKCU`, which says what the first leaves open: texts, or
     numbers as `DWORD` or `QWORD`. macOS: a configuration profile for the computer with a payload `org.wherry.Wherry`.
   - a file. Linux: `/etc/wherry/policy.toml`, or else `/etc/xdg/wherry/policy.toml`; macOS: `/Library/Application Support/wherry/policy.toml`; Windows:
     `wherry\\policy.toml` in `C:\\ProgramData`, or where the system has that folder.
   - the file that `WHERRY_POLICY` names.
2. **A flag** of the command.
3. **An environment variable** of the process that owns the home. An empty one says nothing.
4. **The settings file**, `config.toml` in the home (`--home`, `WHERRY_HOME`). It is yours to read and edit; `wherry config set` changes its one line and keeps
   your comments. A running Wherry reads it again when it is told by `wherry config set` or by SIGHUP.
5. **The program itself**; packagers compile in a server with `WHERRY_DEFAULT_SERVER`.

Policy and settings file are the same kind of TOML: `key = value`, sizes as numbers or as text with a unit (`\"2G\"`), switches as `true` or `false`. A key that
is not in the table is told and ignored; a value that is not allowed keeps the device offline until it is put right, so that no transfer happens under rules that
nobody meant. `wherry config list` always works.

Flags of one command do not change a Wherry that is running already: if it owns the home with another value, the command says so and stops. `--into` belongs to
each command by itself.

## The table

| Key | What it is for | Allowed | Default | Environment | Flag | Policy |
|---|---|---|---|---|---|---|
";

const FOOT: &str = "
The home itself is no setting but where they lie: `--home` or `WHERRY_HOME`, else the folder `wherry-home` beside the program if a file `wherry-portable` lies there too (for a
stick that is carried about), else the system's place for application data. `WHERRY_CA_FILE` names a file of
certificate authorities (PEM) to trust besides the system's. `RUST_LOG` says what is logged.
";
