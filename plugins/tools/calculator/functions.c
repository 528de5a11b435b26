#include "functions.h"

#include <math.h>
#include <string.h>

static double log_base(double base, double x)
{
    if (base == 10)
        return log10(x);
    if (base == 2)
        return log2(x);
    return log(x) / log(base);
}

static double sign(double x)
{
    if (isnan(x))
        return x;
    return (x > 0) - (x < 0);
}

/* A NaN among the values is the result: hiding it would hide a mistake. */
static double least(const double *values, int count)
{
    double best = values[0];
    for (int i = 1; i < count; i++)
        if (isnan(values[i]) || values[i] < best)
            best = values[i];
    return best;
}

static double greatest(const double *values, int count)
{
    double best = values[0];
    for (int i = 1; i < count; i++)
        if (isnan(values[i]) || values[i] > best)
            best = values[i];
    return best;
}

#define ONE(f) .min_args = 1, .max_args = 1, .one = (f)

const struct function functions[] = {
    {"sin", "x", "sine, x in radians", ONE(sin)},
    {"cos", "x", "cosine, x in radians", ONE(cos)},
    {"tan", "x", "tangent, x in radians", ONE(tan)},
    {"asin", "x", "inverse sine, in radians", ONE(asin)},
    {"acos", "x", "inverse cosine, in radians", ONE(acos)},
    {"atan", "x", "inverse tangent, in radians", ONE(atan)},
    {"sinh", "x", "hyperbolic sine", ONE(sinh)},
    {"cosh", "x", "hyperbolic cosine", ONE(cosh)},
    {"tanh", "x", "hyperbolic tangent", ONE(tanh)},
    {"asinh", "x", "inverse hyperbolic sine", ONE(asinh)},
    {"acosh", "x", "inverse hyperbolic cosine", ONE(acosh)},
    {"atanh", "x", "inverse hyperbolic tangent", ONE(atanh)},
    {"sqrt", "x", "square root", ONE(sqrt)},
    {"exp", "x", "e to the power of x", ONE(exp)},
    {"ln", "x", "natural logarithm", ONE(log)},
    {"log", "base, x", "logarithm of x to a base", 2, 2, .two = log_base},
    {"abs", "x", "absolute value", ONE(fabs)},
    {"sign", "x", "-1, 0 or 1", ONE(sign)},
    {"int", "x", "x without its fraction, towards zero", ONE(trunc)},
    {"ceil", "x", "the next integer upwards", ONE(ceil)},
    {"floor", "x", "the next integer downwards", ONE(floor)},
    {"round", "x", "the nearest integer, halves away from zero", ONE(round)},
    {"min", "x, ...", "the least of its arguments", 1, ANY_NUMBER, .many = least},
    {"max", "x, ...", "the greatest of its arguments", 1, ANY_NUMBER, .many = greatest},
    {"pi", "", "3.14159...; also without parentheses", 0, 0, .constant = 3.14159265358979323846},
    {"e", "", "2.71828...; also without parentheses", 0, 0, .constant = 2.71828182845904523536},
};

const size_t function_count = sizeof(functions) / sizeof(functions[0]);

const struct function *function_find(const char *name, size_t len)
{
    for (size_t i = 0; i < function_count; i++)
        if (strlen(functions[i].name) == len && memcmp(functions[i].name, name, len) == 0)
            return &functions[i];
    return NULL;
}
