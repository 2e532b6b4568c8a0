"""The surroundings of a run that must never enter a trace."""
import os
import subprocess

PLAIN_ENVIRONMENT = {"PATH": os.environ["PATH"]}


def german_locale(folder):
    """An environment whose numbers have decimal commas; makes the locale in `folder`."""
    made = os.path.join(folder, "de_DE.UTF-8")
    subprocess.run(["localedef", "-i", "de_DE", "-f", "UTF-8", made], check=True)
    return {"LOCPATH": folder, "LC_ALL": "de_DE.UTF-8", "LANG": "de_DE.UTF-8"}


def surroundings(folder):
    """{name: how to run a program there}: `prefix`, words before its command, and what
    subprocess.run takes. What they need is made in `folder`, which is empty."""
    elsewhere, locale = os.path.join(folder, "else", "where"), os.path.join(folder, "locale")
    os.makedirs(elsewhere)
    os.makedirs(locale)
    return {
        "again": {},
        "another working directory": {"cwd": elsewhere},
        "another time zone": {"env": dict(PLAIN_ENVIRONMENT, TZ="Asia/Kathmandu")},
        "another locale": {"env": dict(PLAIN_ENVIRONMENT, **german_locale(locale))},
        "memory filled with 165": {"env": dict(PLAIN_ENVIRONMENT, MALLOC_PERTURB_="165")},
        "no address randomisation": {"prefix": ["setarch", "-R"]},
        "another host name": {"env": dict(PLAIN_ENVIRONMENT, HOSTNAME="elsewhere")},
        "no environment": {"env": {}},
    }
