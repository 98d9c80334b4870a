/* SPDX-License-Identifier: MIT */
/*
 * A client of the guard that is as unkind as clients can be. Expected values are written by hand, from the standard and
 * from what permissive says of itself.
 *
 *     check_guard GUARD SCENARIO [MODULE]
 *
 * loads the guard and runs a scenario, which is in the table at the end of one of the other files. MODULE is what
 * P11GUARD_MODULE says if that is unset; the client asks it how often it was called. What is in the environment besides
 * stands with each scenario (PERMISSIVE_ANSWER for instance), or in Tests/GuardTests. One line for each failed
 * expectation, and a last one: "N checks, M failed".
 */
#include "check_guard.h"

#include <signal.h>

static const scenario *const tables[] = {
    rules_scenarios, phases_scenarios, out_of_phase_scenarios, cancelling_scenarios, messages_scenarios,
    pending_scenarios, lists_scenarios, modules_scenarios, loading_scenarios, sessions_scenarios, handles_scenarios,
    threads_scenarios, ending_threads_scenarios, callbacks_scenarios, processes_scenarios, arguments_scenarios,
    volume_scenarios, log_scenarios, standard_error_scenarios, lost_lines_scenarios,
};

static const scenario *scenario_named(const char *name)
{
    for (size_t i = 0; i < sizeof tables / sizeof *tables; ++i) {
        for (const scenario *one = tables[i]; one->name != NULL; ++one) {
            if (strcmp(one->name, name) == 0) { return one; }
        }
    }
    return NULL;
}

int main(int count, char **arguments)
{
    if (count < 3 || count > 4) {
        fprintf(stderr, "usage: check_guard GUARD SCENARIO [MODULE]\n");
        return 2;
    }
    guard_path = arguments[1];
    module_path = count == 4 ? arguments[3] : getenv("P11GUARD_MODULE");
    if (count == 4) { setenv("P11GUARD_MODULE", module_path, 0); }
    /* Whoever runs this may have blocked or ignored signals. The alarm: rather die than hang with what is tested. */
    sigset_t none_blocked;
    sigemptyset(&none_blocked);
    sigprocmask(SIG_SETMASK, &none_blocked, NULL);
    signal(SIGPIPE, SIG_DFL);
    signal(SIGXFSZ, SIG_DFL);
    signal(SIGALRM, SIG_DFL);
    alarm(30);
    const scenario *const found = scenario_named(arguments[2]);
    if (found == NULL) {
        fprintf(stderr, "check_guard: no scenario is called '%s'\n", arguments[2]);
        return 2;
    }
    found->run();
    printf("%u checks, %u failed\n", checked, failed);
    fflush(stdout);
    return failed == 0 ? 0 : 1;
}
