/* What a validation found, and how it is printed. */
#pragma once

#include "adapters/driving/validator/validator.h"
#include "core/base/buffer.h"

enum verdict { VERDICT_PASS, VERDICT_WARN, VERDICT_FAIL, VERDICT_CRASH, VERDICT_SKIP };

struct outcome {
    const struct check *check;
    enum verdict verdict;
    struct board *board; /* findings, and the reason of a skip */
};

#define OUTCOMES_MAX 64

struct report {
    const struct subject *subject;
    const struct options *options;
    struct outcome outcomes[OUTCOMES_MAX];
    size_t count;
};

enum validator_exit { VALIDATOR_PASSED, VALIDATOR_FAILED, VALIDATOR_USAGE, VALIDATOR_CRASHED };

const char *verdict_name(enum verdict verdict);
size_t report_count(const struct report *report, enum verdict verdict);
enum validator_exit report_exit(const struct report *report);

/* Appends one check as lines of text; notes are left out. */
void report_line(const struct outcome *outcome, struct buffer *out);
void report_summary(const struct report *report, struct buffer *out);

void report_json(const struct report *report, struct buffer *out);

/* SARIF 2.1.0: a rule for each check that was made, a result for each finding but notes. */
void report_sarif(const struct report *report, struct buffer *out);

/* The table of checks as JSON. */
void report_table(struct buffer *out);
