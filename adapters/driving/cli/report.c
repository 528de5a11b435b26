#include <stdio.h>

#include "adapters/driving/cli/app.h"
#include "adapters/driving/cli/plain.h"
#include "core/base/nearest.h"

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

int unknown_tool(const struct catalog_service *catalog, const struct call_context *context,
                 struct str name, struct error *err)
{
    struct nearest near = {.word = name};
    const struct item *tool = NULL;
    while ((tool = catalog->next(catalog->ctx, context, ITEM_TOOL, tool ? tool->order : 0)))
        nearest_offer(&near, tool->name);
    if (near.best.len)
        return error_set(err, ST_NOT_FOUND, "there is no tool \"%.*s\"; did you mean \"%.*s\"?",
                         STR_ARG(name), STR_ARG(near.best));
    return error_set(err, ST_NOT_FOUND, "there is no tool \"%.*s\"; \"hexmcp tools\" lists them",
                     STR_ARG(name));
}
