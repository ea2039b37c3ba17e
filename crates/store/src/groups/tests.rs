use super::*;
use crate::store::tests::{TestHome, new_contact};

fn named(name: &str) -> DisplayName {
    DisplayName::new(name)
}

#[test]
fn a_group_survives_a_restart_with_its_members_by_name() {
    let mut home = TestHome::new();
    let mut store = home.open();
    let zoe = store.add_contact(new_contact("Zoe", 1)).unwrap().id;
    let ana = store.add_contact(new_contact("Ana", 2)).unwrap().id;
    store.add_group(&named("Crew")).unwrap();
    store.add_group_member("crew", zoe).unwrap();
    store.add_group_member("CREW", ana).unwrap();
    store.add_group_member("Crew", ana).unwrap();
    drop(store);
    let mut store = home.open();
    let members = vec![ana, zoe];
    let crew = Group {
        name: named("Crew"),
        members,
    };
    assert_eq!(store.groups().unwrap(), std::slice::from_ref(&crew));
    assert_eq!(store.group("cReW").unwrap(), Some(crew));

    store.remove_group_member("Crew", ana).unwrap();
    assert_eq!(store.group("Crew").unwrap().unwrap().members, [zoe]);
    store.remove_contact(zoe).unwrap();
    assert_eq!(store.group("Crew").unwrap().unwrap().members, []);
}

#[test]
fn groups_and_contacts_share_one_space_of_names() {
    let mut home = TestHome::new();
    let mut store = home.open();
    store.add_contact(new_contact("Ana", 1)).unwrap();
    store.add_group(&named("Crew")).unwrap();
    for taken in ["ANA", "crew"] {
        let result = store.add_group(&named(taken));
        assert!(matches!(result, Err(GroupError::NameTaken)), "{taken}");
        let result = store.rename_group("Crew", &named(taken));
        assert_eq!(result.is_ok(), taken == "crew", "{taken}");
    }
    let contact = store.add_contact(new_contact("Crew", 2)).unwrap();
    assert_eq!(contact.name.as_str(), "Crew (2)");
}

#[test]
fn a_group_that_does_not_exist_is_said() {
    let mut home = TestHome::new();
    let mut store = home.open();
    let ana = store.add_contact(new_contact("Ana", 1)).unwrap().id;
    let results = [
        store.remove_group("x"),
        store.rename_group("x", &named("y")),
        store.add_group_member("x", ana),
        store.remove_group_member("x", ana),
    ];
    for result in results {
        assert!(matches!(result, Err(GroupError::Unknown)));
    }
    store.add_group(&named("x")).unwrap();
    store.remove_group("X").unwrap();
    assert_eq!(store.group("x").unwrap(), None);
}

#[test]
fn there_are_at_most_so_many_groups() {
    let mut home = TestHome::new();
    let mut store = home.open();
    for number in 0..GROUPS {
        store.add_group(&named(&format!("group {number}"))).unwrap();
    }
    let result = store.add_group(&named("one more"));
    assert!(matches!(result, Err(GroupError::TooMany)));
}
