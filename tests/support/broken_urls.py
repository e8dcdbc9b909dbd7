"""URLs of databases that people and platforms get wrong, and what a refusal says of each."""

# Parts of user, password, host and database in `BROKEN`.
SECRETS = ("kowalski", "tajne", "haslo", "baza.example", "magazyn")

_GOOD = "kowalski:tajne@baza.example/magazyn"

BROKEN = [
    ("mysql://" + _GOOD, "must start with postgresql://"),
    ("postgresql+asyncpg://" + _GOOD, "must start with postgresql://"),
    ("jdbc:postgresql://" + _GOOD, "must start with postgresql://"),
    ("postgresql:/" + _GOOD, "must start with postgresql://"),
    ('"postgresql://' + _GOOD + '"', "must start with postgresql://"),
    (_GOOD, "must start with postgresql://"),
    ("host=baza.example password=tajne", "must start with postgresql://"),
    ("postgresql://kowalski:taj%ne@baza.example/magazyn", "%25"),
    ("postgresql://kowalski:tajne%@baza.example/magazyn", "%25"),
    ("postgresql://kowalski:tajne%00@baza.example/magazyn", "%25"),
    ("postgresql://kowalski:tajne@haslo@baza.example/magazyn", "%40"),
    ("postgresql://kowalski:tajne/haslo@baza.example/magazyn", "%2F"),
    ("postgresql://kowalski:tajne?haslo@baza.example/magazyn", "%3F"),
    ("postgresql://kowalski:tajne?host=haslo@baza.example/magazyn", "%3F"),
    ("postgresql://kowalski:12/haslo@baza.example/magazyn", "%2F"),
    ("postgresql://kowalski:tajne", "port"),
    ("postgresql://kowalski@baza.example:tajne/magazyn", "port"),
    ("postgresql://kowalski@baza.example:0/magazyn", "port"),
    ("postgresql://kowalski@baza.example:99999/magazyn", "port"),
    ("postgresql://baza.example,haslo/magazyn?port=1,2,3", "one port"),
    (f"postgresql://{_GOOD}?pgbouncer=true&schema=public", "remove pgbouncer, schema"),
    (f"postgresql://{_GOOD}?connection_limit=1", "remove connection_limit"),
    (f"postgresql://{_GOOD}?haslo=1", "a parameter that libpq does not know"),
    (f"postgresql://{_GOOD}?haslo", "a parameter that libpq does not know"),
    (f"postgresql://{_GOOD}?sslmode", "a URL that libpq can read"),
    (f"postgresql://{_GOOD}?sslmode=haslo", "sslmode"),
    (f"postgresql://{_GOOD}?target_session_attrs=haslo", "target_session_attrs"),
    (f"postgresql://{_GOOD}?channel_binding=haslo", "channel_binding"),
    (f"postgresql://{_GOOD}?gssencmode=haslo", "gssencmode"),
    (f"postgresql://{_GOOD}?service=haslo", "service"),
    (f"postgresql://{_GOOD}?keepalives=haslo", "keepalives"),
    (f"postgresql://{_GOOD}?connect_timeout=haslo", "connect_timeout"),
    (f"postgresql://{_GOOD}?hostaddr=haslo", "hostaddr"),
    ("postgresql://kowalski:tajne@[baza.example/magazyn", "a URL that libpq can read"),
    ("postgresql://kowalski:tajne@baza.example haslo/magazyn", "a URL that libpq can read"),
    ("postgresql://kowalski:tajne\udcff@baza.example/magazyn", "UTF-8"),
]
