# SPDX-License-Identifier: Apache-2.0
"""The build flag that names the backend on which tests run."""

def _backend_flag_impl(ctx):
    value = ctx.build_setting_value
    if not value:
        fail("--%s wants the name of a backend, such as cpu" % ctx.label)
    return [
        platform_common.TemplateVariableInfo({"TESSERA_BACKEND": value}),
    ]

backend_flag = rule(
    doc = """A string flag, whose value is the Make variable TESSERA_BACKEND too.""",
    implementation = _backend_flag_impl,
    build_setting = config.string(flag = True),
)
