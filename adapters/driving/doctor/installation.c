#include "adapters/driving/doctor/installation.h"

#include <stdlib.h>

/* One row a check; the order is that of the report. */
static const struct check installation_checks[] = {
    {
        .id = "configuration",
        .title = "The configuration can be read",
        .why = "hexmcp does not start with a configuration that it does not understand.",
        .todo = "Change the file at the place that is named; \"hexmcp config show\" lists the keys.",
        .run = check_configuration,
    },
    {
        .id = "plugins",
        .title = "Plugins are found and can be used",
        .why = "The tools of a plugin that is refused are missing for every client.",
        .todo = "Do what the reason says; \"hexmcp plugin inspect ID\" shows more.",
        .run = check_plugins,
    },
    {
        .id = "tools",
        .title = "All tools are there, and within the cap on tokens",
        .why = "A model does not know of a tool that it is not shown.",
        .todo = "Install the library and build hexmcp anew; raise tools.max_tokens, or choose a profile.",
        .run = check_tool_list,
    },
    {
        .id = "libraries",
        .title = "The libraries that modules and plugins need can be loaded",
        .why = "What needs a library that is not there fails at its first use.",
        .todo = "Install the package that holds the library.",
        .run = check_libraries,
    },
    {
        .id = "folders",
        .title = "Nobody else can change what hexmcp loads and keeps",
        .why = "Who can write there can make hexmcp run code as you.",
        .todo = "Take the folder over and its permissions away: chown, chmod go-w.",
        .run = check_folders,
    },
    {
        .id = "grants",
        .title = "Granted folders can be used",
        .why = "Tools refuse paths beneath a grant that does not work.",
        .todo = "Make the folder, or change grants.read and grants.write.",
        .run = check_grants,
    },
    {
        .id = "clients",
        .title = "Clients that start hexmcp can do so",
        .why = "A client shows no tools, and often no reason, if its command is not there.",
        .todo = "Run \"hexmcp client add NAME\" again, or mend the file that is named.",
        .run = check_clients,
    },
    {
        .id = "kernel",
        .title = "The kernel has what hexmcp uses",
        .why = "Without it a part of hexmcp refuses to work, or protects less.",
        .todo = "Use Linux 5.13 or later, with /proc, and a container that allows the call.",
        .run = check_kernel,
    },
};

#define CHECK_COUNT (sizeof(installation_checks) / sizeof(installation_checks[0]))

void note(struct inspection *x, enum doctor_severity severity, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    report_find(x->report, x->now, severity, format, arguments);
    va_end(arguments);
}

void leave_out(struct inspection *x, const char *reason)
{
    if (!x->now->first)
        report_skip(x->report, x->now, reason);
}

int doctor_examine_installation(const struct doctor_installation *what, struct doctor_report **out,
                                struct error *err)
{
    int rc = choice_check(&what->choice, installation_checks, CHECK_COUNT, err);
    if (rc)
        return rc;
    struct doctor_report *report = report_new(CHECK_COUNT);
    if (!report)
        return error_set(err, ST_NOMEM, "out of memory");
    struct inspection x = {.what = what, .report = report};
    report->what = "installation";
    report->version = what->version;
    report->subject = report_text(report, "%s", what->program);
    report->summary = report_text(report, "hexmcp %s", what->version);
    for (size_t i = 0; i < CHECK_COUNT; i++) {
        if (!choice_takes(&what->choice, installation_checks[i].id))
            continue;
        x.now = report_begin(report, &installation_checks[i]);
        installation_checks[i].run(&x);
    }
    *out = report;
    return ST_OK;
}
