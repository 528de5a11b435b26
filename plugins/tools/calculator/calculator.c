/* The tool `calculator`: reads the arguments, runs the operation, writes the answer. */
#include <math.h>
#include <stdbool.h>

#include "evaluate.h"
#include "hexmcp/plugin.h"
#include "hexmcp/simple.h"

/* Input is limited to MAX_LENGTH characters of at most four bytes; one more shows that it is not. */
#define INPUT_CAPACITY ((MAX_LENGTH + 1) * 4 + 1)

struct request {
    char input[INPUT_CAPACITY];
    size_t input_len;
    hexmcp_str raw_input;
    hexmcp_str raw_variables; /* empty: none given */
    struct variables variables;
};

static int32_t read_input(hexmcp_str args, struct request *r, hexmcp_error *err)
{
    int32_t status = hexmcp_json_get(args, "input", &r->raw_input);
    if (status == HEXMCP_OK)
        status = hexmcp_json_string(r->raw_input, r->input, sizeof(r->input), &r->input_len);
    if (status == HEXMCP_E_TOO_LARGE)
        return hexmcp_fail(err, status,
                           "the expression has more than %d characters; split it and pass partial "
                           "results as variables",
                           MAX_LENGTH);
    if (status != HEXMCP_OK)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "`input` is missing; pass the expression, for example 2 * (3 + 4)");
    return HEXMCP_OK;
}

static bool is_name(const char *text, size_t len)
{
    if (len == 0 || (text[0] >= '0' && text[0] <= '9'))
        return false;
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        if (!(c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
              (c >= 'A' && c <= 'Z')))
            return false;
    }
    return true;
}

static int32_t read_variable(hexmcp_str key, hexmcp_str value, struct variables *variables,
                             hexmcp_error *err)
{
    struct variable *v;
    size_t len;
    if (variables->count == MAX_VARIABLES)
        return hexmcp_fail(err, HEXMCP_E_TOO_LARGE,
                           "there are more than %d variables; pass only those that `input` names",
                           MAX_VARIABLES);
    v = &variables->items[variables->count];
    if (hexmcp_json_string(key, v->name, sizeof(v->name), &len) != HEXMCP_OK ||
        !is_name(v->name, len))
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "the variable %.*s needs another name: at most %d letters, digits and "
                           "underscores, no digit first",
                           (int)(key.len < 80 ? key.len : 80), key.ptr, MAX_NAME);
    if (hexmcp_json_double(value, &v->value) != HEXMCP_OK)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "the variable `%s` is no number below 1.79e308; pass a JSON number",
                           v->name);
    variables->count++;
    return HEXMCP_OK;
}

static int32_t read_variables(hexmcp_str args, struct request *r, hexmcp_error *err)
{
    hexmcp_str key, value;
    int32_t status = HEXMCP_OK;
    r->variables.count = 0;
    r->raw_variables = hexmcp_str_from("{}");
    if (hexmcp_json_get(args, "variables", &value) != HEXMCP_OK)
        return HEXMCP_OK;
    r->raw_variables = value;
    hexmcp_json_iter it = hexmcp_json_iter_begin(value);
    while (status == HEXMCP_OK && hexmcp_json_next(&it, &key, &value))
        status = read_variable(key, value, &r->variables, err);
    return status;
}

static int32_t compute(const struct request *r, double *ret_value, hexmcp_error *err)
{
    struct expression expression;
    hexmcp_str source = {r->input, r->input_len};
    int32_t status = expression_check(source, &r->variables, &expression, err);
    if (status != HEXMCP_OK)
        return status;
    return evaluate(&expression, &r->variables, ret_value, err);
}

/* JSON has no infinity and no NaN: they become strings. Up to 2^53 a whole number is exact. */
static void write_value(hexmcp_json_writer *w, double value)
{
    const char *type = "float";
    hexmcp_json_key(w, "result");
    if (isnan(value)) {
        hexmcp_json_write_text(w, "NaN");
        type = "nan";
    } else if (isinf(value)) {
        hexmcp_json_write_text(w, value > 0 ? "Infinity" : "-Infinity");
        type = "infinity";
    } else if (value == trunc(value) && fabs(value) <= 9007199254740992.0) {
        hexmcp_json_write_int64(w, (int64_t)value);
        type = "integer";
    } else {
        hexmcp_json_write_double(w, value);
    }
    hexmcp_json_put_text(w, "result_type", type);
}

static int32_t run_evaluate(hexmcp_json_writer *w, hexmcp_str args, hexmcp_error *err)
{
    struct request r;
    double value;
    int32_t status = read_input(args, &r, err);
    if (status == HEXMCP_OK)
        status = read_variables(args, &r, err);
    if (status == HEXMCP_OK)
        status = compute(&r, &value, err);
    if (status != HEXMCP_OK)
        return status;
    hexmcp_json_put_text(w, "operation", "evaluate");
    hexmcp_json_put_raw(w, "input", r.raw_input);
    write_value(w, value);
    hexmcp_json_put_raw(w, "variables", r.raw_variables);
    return HEXMCP_OK;
}

/* What is wrong with the expression is the answer here, not an error. */
static int32_t run_validate(hexmcp_json_writer *w, hexmcp_str args, hexmcp_error *err)
{
    struct request r;
    hexmcp_error problem = {sizeof(problem), 0, ""};
    double value;
    int32_t status;
    r.raw_input = hexmcp_str_from(NULL);
    status = read_input(args, &r, err);
    if (status != HEXMCP_OK && status != HEXMCP_E_TOO_LARGE)
        return status;
    if (status == HEXMCP_OK)
        status = read_variables(args, &r, &problem);
    else
        problem = *err;
    if (status == HEXMCP_OK)
        status = compute(&r, &value, &problem);
    hexmcp_json_put_text(w, "operation", "validate");
    hexmcp_json_put_raw(w, "input", r.raw_input);
    hexmcp_json_put_bool(w, "valid", status == HEXMCP_OK);
    if (status != HEXMCP_OK)
        hexmcp_json_put_text(w, "error", problem.text);
    return HEXMCP_OK;
}

static void write_limits(hexmcp_json_writer *w)
{
    hexmcp_json_key(w, "limits");
    hexmcp_json_begin_object(w);
    hexmcp_json_put_int64(w, "length", MAX_LENGTH);
    hexmcp_json_put_int64(w, "depth", MAX_DEPTH);
    hexmcp_json_put_int64(w, "operations", MAX_OPERATIONS);
    hexmcp_json_put_int64(w, "functions", MAX_FUNCTIONS);
    hexmcp_json_put_int64(w, "variables", MAX_VARIABLES);
    hexmcp_json_put_int64(w, "exponent", MAX_EXPONENT);
    hexmcp_json_end_object(w);
}

static void run_functions(hexmcp_json_writer *w)
{
    static const char *const operators[] = {"+",  "-",  "*",  "/",  "%",  "^",  "==", "!=",
                                            "<",  ">",  "<=", ">=", "&&", "||", "!"};
    hexmcp_json_put_text(w, "operation", "functions");
    hexmcp_json_key(w, "functions");
    hexmcp_json_begin_array(w);
    for (size_t i = 0; i < function_count; i++) {
        char form[32];
        snprintf(form, sizeof(form), "%s(%s)", functions[i].name, functions[i].arguments);
        hexmcp_json_begin_object(w);
        hexmcp_json_put_text(w, "form", form);
        hexmcp_json_put_text(w, "meaning", functions[i].meaning);
        hexmcp_json_end_object(w);
    }
    hexmcp_json_end_array(w);
    hexmcp_json_key(w, "operators");
    hexmcp_json_begin_array(w);
    for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++)
        hexmcp_json_write_text(w, operators[i]);
    hexmcp_json_end_array(w);
    write_limits(w);
}

static int32_t run_operation(hexmcp_json_writer *w, hexmcp_str args, hexmcp_error *err)
{
    hexmcp_str operation;
    if (hexmcp_json_get(args, "operation", &operation) != HEXMCP_OK ||
        hexmcp_json_equals(operation, "evaluate"))
        return run_evaluate(w, args, err);
    if (hexmcp_json_equals(operation, "validate"))
        return run_validate(w, args, err);
    if (!hexmcp_json_equals(operation, "functions"))
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "unknown operation; use evaluate, validate or functions");
    run_functions(w);
    return HEXMCP_OK;
}

static int32_t write_result(void *arg, hexmcp_json_writer *w, hexmcp_error *err)
{
    const hexmcp_str *args = arg;
    hexmcp_json_begin_object(w);
    int32_t status = run_operation(w, *args, err);
    hexmcp_json_end_object(w);
    return status;
}

static int32_t calculator(const hexmcp_host *host, hexmcp_call call, hexmcp_str tool,
                          hexmcp_str args, hexmcp_error *err)
{
    (void)tool;
    return hexmcp_complete_written(host, call, write_result, &args, err);
}

HEXMCP_SIMPLE_DEFINE("hexmcp.calculator", "0.1.0", calculator);
