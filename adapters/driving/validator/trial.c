/* What a check says while it runs. */
#include <stdio.h>

#include "adapters/driving/validator/validator.h"

static void tell(struct trial *t, enum severity severity, const char *where, const char *format,
                 va_list args)
{
    char text[sizeof(((struct finding *)0)->text)];
    vsnprintf(text, sizeof(text), format, args);
    /* Texts of the host's rules name the file themselves. */
    size_t len = strlen(where);
    bool twice = len && strncmp(text, where, len) == 0 && strncmp(text + len, ": ", 2) == 0;
    board_tell(t->board, severity, where, twice ? text + len + 2 : text);
}

void tell_note(struct trial *t, const char *where, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    tell(t, FINDING_NOTE, where, format, args);
    va_end(args);
}

void tell_warning(struct trial *t, const char *where, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    tell(t, FINDING_WARNING, where, format, args);
    va_end(args);
}

void tell_failure(struct trial *t, const char *where, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    tell(t, FINDING_FAILURE, where, format, args);
    va_end(args);
}

void trial_step(struct trial *t, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(t->board->step, sizeof(t->board->step), format, args);
    va_end(args);
}

void trial_skip(struct trial *t, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(t->board->reason, sizeof(t->board->reason), format, args);
    va_end(args);
    atomic_store(&t->board->skipped, 1);
}

unsigned trial_rounds(const struct trial *t, unsigned full, unsigned least)
{
    unsigned rounds = t->options->quick ? full / 100 : full;
    return rounds < least ? least : rounds;
}

bool trial_clean(const struct trial *t)
{
    return atomic_load(&t->board->worst) < FINDING_FAILURE;
}
