#include "adapters/driven/plugin_host/sandbox/missing.h"

#include <stdarg.h>
#include <stdio.h>

int missing_add(struct missing *missing, const char *format, ...)
{
    struct sandbox_report *report = missing->report;
    char text[SANDBOX_MISSING_TEXT];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (report->missing_count < SANDBOX_MISSING_MAX)
        snprintf(report->missing[report->missing_count++], SANDBOX_MISSING_TEXT, "%s", text);
    if (!missing->strict)
        return ST_OK;
    return error_set(missing->err, ST_UNSUPPORTED,
                     "%s isolation.strict is set, so the plugin is not run. Use a kernel that has "
                     "it, or set isolation.strict to false.",
                     text);
}
