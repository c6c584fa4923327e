"""The tests of Gateline; they mirror app/."""
