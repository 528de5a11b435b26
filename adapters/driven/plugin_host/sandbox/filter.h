/* What sandbox-filter made of filter_rules.c for this architecture. The build holds its source. */
#pragma once

#include <linux/filter.h>
#include <stddef.h>

/* What a person reads of a refused call. */
struct filter_word {
    int number; /* of the call */
    const char *words;
};

extern const struct sock_filter filter_code[];
extern const size_t filter_code_count; /* at most BPF_MAXINSNS */
extern const unsigned short filter_own_pid[]; /* where in the code the process's own id belongs */
extern const size_t filter_own_pid_count;
extern const struct filter_word filter_word_list[];
extern const size_t filter_word_count;
