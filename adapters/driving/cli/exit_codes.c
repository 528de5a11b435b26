#include "adapters/driving/cli/command.h"

const struct exit_meaning exit_meanings[] = {
    {EXIT_DONE, "done", "done"},
    {EXIT_TOOL_FAILED, "the tool failed",
     "the tool failed; its message is the output. `doctor`: it found an error"},
    {EXIT_USAGE, "usage",
     "usage: an unknown word or option, a missing or malformed argument; a change that nobody "
     "confirmed"},
    {EXIT_CONFIGURATION, "configuration", "configuration: a file, variable or `--set` is wrong"},
    {EXIT_NOT_FOUND, "not found", "not found: no such tool, resource, prompt, plugin, client or entry"},
    {EXIT_DENIED, "denied", "denied by the policy"},
    {EXIT_TIMED_OUT, "timed out", "timed out"},
    {EXIT_INTERNAL, "internal error", "internal error"},
    {EXIT_INTERRUPTED, "interrupted", "interrupted: Ctrl-C cancelled the call"},
};
const size_t exit_meaning_count = sizeof(exit_meanings) / sizeof(exit_meanings[0]);
