#include <stdio.h>

#include "adapters/driving/cli/command.h"
#include "adapters/driving/cli/plain.h"

int exit_code_of(int status)
{
    switch (status) {
    case ST_OK:
        return EXIT_DONE;
    case ST_INVALID:
        return EXIT_USAGE;
    case ST_CONFIG:
        return EXIT_CONFIGURATION;
    case ST_NOT_FOUND:
        return EXIT_NOT_FOUND;
    case ST_DENIED:
        return EXIT_DENIED;
    case ST_TIMEOUT:
        return EXIT_TIMED_OUT;
    default:
        return EXIT_INTERNAL;
    }
}

int report_error(const struct error *err)
{
    fputs("hexmcp: ", stderr);
    plain_put(stderr, str_from(err->text));
    fputc('\n', stderr);
    return exit_code_of(err->code);
}
