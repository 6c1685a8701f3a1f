"""What a person sees."""

from ablation.runtime import console


def test_what_a_record_says_steers_no_terminal(capsys):
    console.say("failed: \x1b]0;owned\x07\x1b[2J bad \x9b1m")
    assert capsys.readouterr().out == "failed: ]0;owned[2J bad 1m\n"
