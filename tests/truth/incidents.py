"""The scenarios whose incidents the tests of this folder judge."""
import glob
import os

FOLDER = os.path.dirname(os.path.abspath(__file__))
# Paths of the scenarios that ship, and of those that are there for the tests.
SHIPPED = sorted(glob.glob(os.path.join(FOLDER, "../../scenarios/*.yaml")))
CASES = sorted(glob.glob(os.path.join(FOLDER, "cases/*.yaml")))


def name_of(path):
    return os.path.basename(path).removesuffix(".yaml")
