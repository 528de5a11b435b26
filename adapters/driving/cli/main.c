/* The program. */
#include <unistd.h>

#include "adapters/driving/cli/commands.h"

int main(int argc, char **argv)
{
    struct invocation inv;
    struct error err;
    if (invocation_parse(argc, argv, &inv, &err))
        return report_error(&err);
    int code;
    if (invocation_option(&inv, "help")) {
        print_help(stdout, inv.command == &command_help ? NULL : inv.command);
        code = EXIT_DONE;
    } else {
        code = inv.command->run(&inv);
    }
    fflush(NULL);
    /* Threads of plugins may still run: no exit handler may pull anything away under them. */
    _exit(code);
}
