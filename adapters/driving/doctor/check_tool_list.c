/* Tools that are not there, or not listed. */
#include "adapters/driving/doctor/installation.h"

void check_tool_list(void *examination)
{
    struct inspection *x = examination;
    for (size_t i = 0; i < x->what->left_out_count; i++)
        note(x, DOCTOR_NOTE, "%s is not there: hexmcp was built without %s", x->what->left_out[i].tool,
             x->what->left_out[i].needs);
    if (x->what->tools_cut)
        note(x, DOCTOR_NOTE,
             "tools.max_tokens leaves %u of the tools out of the list; all together would cost about %u "
             "tokens",
             x->what->tools_cut, x->what->tool_tokens);
}
