#include "evaluate.h"

#include <math.h>
#include <muParserDLL.h>

/* muParser's operators take no user data; the first exponent above the limit waits here. 0: none. */
static _Thread_local double bad_exponent;

static double power(double base, double exponent)
{
    if (fabs(exponent) > MAX_EXPONENT && bad_exponent == 0)
        bad_exponent = exponent;
    return pow(base, exponent);
}

static double not_(double x)
{
    return x == 0;
}

static double minus_not(double x)
{
    return -not_(x);
}

static double truth(double x)
{
    return x != 0;
}

static double minus_truth(double x)
{
    return -truth(x);
}

/* Without a handler muParser keeps silent too, but only a set handler is documented to. */
static void on_error(muParserHandle_t parser)
{
    (void)parser;
}

/* Priorities of muParser's own operators: * and / have 6, ^ has 7. */
static void define_operators(muParserHandle_t parser)
{
    mupDefineOprt(parser, "%", fmod, 6, muOPRT_ASCT_LEFT, 0);
    mupDefineOprt(parser, "#", power, 7, muOPRT_ASCT_RIGHT, 0);
    mupDefineInfixOprt(parser, "!", not_, 0);
    mupDefineInfixOprt(parser, "~", minus_not, 0);
    mupDefineInfixOprt(parser, "$", truth, 0);
    mupDefineInfixOprt(parser, "&", minus_truth, 0);
}

static void define_functions(muParserHandle_t parser)
{
    mupClearFun(parser);
    mupClearConst(parser);
    for (size_t i = 0; i < function_count; i++) {
        const struct function *f = &functions[i];
        char constant[8];
        if (f->one) {
            mupDefineFun1(parser, f->name, f->one, 0);
        } else if (f->two) {
            mupDefineFun2(parser, f->name, f->two, 0);
        } else if (f->many) {
            mupDefineMultFun(parser, f->name, f->many, 0);
        } else {
            snprintf(constant, sizeof(constant), "k_%s", f->name);
            mupDefineConst(parser, constant, f->constant);
        }
    }
}

/* muParser asks for pointers to values that it may write; `values` is a copy. */
static void define_variables(muParserHandle_t parser, size_t count, double *values)
{
    for (size_t i = 0; i < count; i++) {
        char name[24];
        snprintf(name, sizeof(name), "v%zu", i);
        mupDefineVar(parser, name, &values[i]);
    }
}

/* No time limit is needed: at most MAX_OPERATIONS operators and MAX_FUNCTIONS calls run, each in
 * constant time, and no expression can loop. */
int32_t evaluate(const struct expression *expression, const struct variables *variables,
                 double *ret_value, hexmcp_error *err)
{
    double values[MAX_VARIABLES];
    muParserHandle_t parser = mupCreate(muBASETYPE_FLOAT);
    double value;
    int code, place;
    for (size_t i = 0; i < variables->count; i++)
        values[i] = variables->items[i].value;
    mupSetErrorHandler(parser, on_error);
    define_operators(parser);
    define_functions(parser);
    define_variables(parser, variables->count, values);

    bad_exponent = 0;
    mupSetExpr(parser, expression->text);
    value = mupEval(parser);
    /* Code and place only: message and token come from a static buffer shared by all threads. */
    code = mupError(parser) ? mupGetErrorCode(parser) : -1;
    place = mupGetErrorPos(parser);
    mupRelease(parser);
    if (code >= 0)
        return hexmcp_fail(err, HEXMCP_E_GENERIC,
                           "muParser refuses the expression (code %d, place %d); write it in a "
                           "simpler way",
                           code, place);
    if (bad_exponent != 0)
        return hexmcp_fail(err, HEXMCP_E_TOO_LARGE,
                           "the exponent %.15g is beyond %d; use exp(x * ln(base)) if it is meant",
                           bad_exponent, MAX_EXPONENT);
    *ret_value = value;
    return HEXMCP_OK;
}
