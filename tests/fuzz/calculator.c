/* Any text as an expression: what the checker lets pass, muParser evaluates. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "plugins/tools/calculator/evaluate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct variables variables = {2, {{"x", 2.5}, {"e", -3}}};
    static struct expression expression;
    hexmcp_error err = {sizeof(err), 0, ""};
    hexmcp_str source = {(const char *)data, size};
    double value;
    int32_t status = expression_check(source, &variables, &expression, &err);
    if (status == HEXMCP_OK)
        status = evaluate(&expression, &variables, &value, &err);
    assert(status == HEXMCP_OK || status == HEXMCP_E_INVALID || status == HEXMCP_E_TOO_LARGE);
    assert(status == HEXMCP_OK || (err.code == status && err.text[0] != '\0'));
    return 0;
}
