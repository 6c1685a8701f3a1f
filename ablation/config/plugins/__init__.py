"""Plugins: a user's own code in Python files. `plugins=[my_net.py]` is the only way to run it.

A file defines dictionaries of functions (docs/plugins.md):

    NETWORKS = {"mine": build}           then model=mine, with the function's parameters as keys
    DATA = {"mine": load}                then data=mine, likewise
    BLOCKS = {"ghost": ghost}            then model.block=ghost
    NORMS = {"instance": instance}       then model.norm=instance
    AUGMENTS = {"invert": invert}        then data.augment=invert

The names in a file, and the parameters of its networks and data, are parsed from its source. The file itself runs only
where a network is built, or its data loaded, and only if the command or the user's configuration names it; a record on
disk cannot cause that.
"""
