/* The functions and limits of the calculator: one table for the checker, the evaluator and the
 * operation `functions`. */
#pragma once

#include <stddef.h>

#define MAX_LENGTH 1000    /* characters of an expression */
#define MAX_DEPTH 20       /* parentheses within parentheses, those of functions included */
#define MAX_OPERATIONS 100 /* operators, signs included */
#define MAX_FUNCTIONS 50   /* function calls */
#define MAX_VARIABLES 50
#define MAX_EXPONENT 100 /* magnitude of the right side of ^ */
#define MAX_NAME 63      /* bytes of a variable's name */

#define ANY_NUMBER 1000 /* as many arguments as fit in an expression */

struct function {
    const char *name;
    const char *arguments; /* for a person: "x", "base, x" */
    const char *meaning;
    size_t min_args;
    size_t max_args;
    /* One of these; none for a constant. */
    double (*one)(double x);
    double (*two)(double a, double b);
    double (*many)(const double *values, int count);
    double constant;
};

extern const struct function functions[];
extern const size_t function_count;

/* The function of that name; NULL if there is none. */
const struct function *function_find(const char *name, size_t len);
