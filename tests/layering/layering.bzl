# SPDX-License-Identifier: Apache-2.0
"""A test of what a layer may depend on."""

def layering_test(name, targets, never, always):
    """Fails if `targets` need, however indirectly, a package that they must not.

    Args:
      name: name of the test
      targets: labels, the public targets of the layer
      never: folders of this repository, such as "autograd", that nothing in `targets` may need, or
        names of external repositories, such as "@com_google_absl"
      always: folders that `targets` do need, so that a query that finds nothing is noticed
    """
    native.genquery(
        name = name + "_needs",
        testonly = True,
        expression = "deps(set(%s))" % " ".join(targets),
        opts = ["--noimplicit_deps"],
        scope = targets,
    )
    native.sh_test(
        name = name,
        size = "small",
        srcs = ["layering_test.sh"],
        args = (["$(location :%s_needs)" % name, "--never"] + never + ["--always"] + always),
        data = [":%s_needs" % name],
    )
