/* Hooks for tests of domains: each says what the test wants, at once or when the test lets it. */
#pragma once

#include "core/hook/definition.h"

struct fake_hook {
    const char *json;       /* its answer: {"result": ...}                                         */
    bool late;              /* it answers by fake_hook_answer                                      */
    struct hook_turn *turn; /* of a late one that is waited for                                    */
    char saw[1000];         /* {pointer: value} of the last turn                                   */
    int runs, cancels;
};

extern struct hooks *fake_hooks;

void fake_hooks_open(void);
void fake_hooks_close(void);

/* The hook lives until fake_hooks_close. Its name is that of the point. */
void fake_hooks_add(struct fake_hook *hook, const char *point);

void fake_hook_answer(struct fake_hook *hook);

/* Time passes: what is too late is given up. */
void fake_hooks_expire(void);
