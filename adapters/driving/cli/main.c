/* The program. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "adapters/driving/cli/commands.h"
#include "adapters/driving/cli/descriptors.h"

/* What was printed and did not arrive must not look like success. */
static int end_of_output(int code)
{
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    fprintf(stderr, "hexmcp: standard output cannot be written: %s\n",
            errno ? strerror(errno) : "an earlier write failed");
    return code ? code : EXIT_INTERNAL;
}

static int run(struct invocation *inv)
{
    if (invocation_option(inv, "help")) {
        print_help(stdout, inv->command == &command_help ? NULL : inv->command);
        return end_of_output(EXIT_DONE);
    }
    /* The wire looks at the descriptors itself, and nothing of it goes through stdout. */
    if (inv->command == &command_serve || inv->command == &command_connect)
        return inv->command->run(inv);
    descriptors_fill();
    return end_of_output(inv->command->run(inv));
}

int main(int argc, char **argv)
{
    struct invocation inv;
    struct error err;
    int code = invocation_parse(argc, argv, &inv, &err) ? report_error(&err) : run(&inv);
    fflush(NULL);
    /* Threads of plugins may still run: no exit handler may pull anything away under them. */
    _exit(code);
}
