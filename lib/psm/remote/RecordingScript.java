package psm.remote;

import java.time.Instant;

/**
 * The script that prints the recording of a machine, which needs neither psm nor Java there. What
 * it prints, {@link RecordingAnswer} reads.
 */
final class RecordingScript {
    /** The start of the first line of an answer, before the version. */
    static final String MAGIC = "psm-recording ";

    /** The rest of the first line. */
    static final String VERSION = "1";

    /**
     * What all after the times is. The last day is asked for by the time of the last file, which is
     * a little later than the last sample: hence the 25th hour.
     */
    private static final String TEXT =
            """
            set +aefu # which the environment can set
            export LC_ALL=C
            recording() {
                echo # what a login shell printed may have no end of line
                echo 'psm-recording 1'
                echo "#time $(date +%s)"
                command -v stat >/dev/null 2>&1 || { echo '#lacks stat' && return; }
                [ -d /var/log/psm ] || { echo '#none' && return; }
                [ -r /var/log/psm ] && cd /var/log/psm || { echo '#denied' && return; }
                # In the order of writing, in which the times can fall if the clock was set back.
                files=$(stat -c '%Y %s %n %F' [0-9][0-9][0-9][0-9][0-9][0-9].psmrec \\
                    [0-9][0-9][0-9][0-9][0-9][0-9][0-9]*.psmrec 2>/dev/null | grep ' regular')
                newest=$(echo "$files" | tail -n 1)
                newest=${newest%% *}
                [ "$newest" ] || { echo '#none' && return; }
                if [ -z "$since" ]; then
                    since=$newest
                    [ -z "$until" ] || [ "$until" -ge "$newest" ] || since=$until
                    since=$((since - 90000))
                fi
                echo "$files" | segments
            }

            # Prints the files that can contain a sample of that time, and the last one.
            segments() {
                before=
                count=0
                while read -r time size name type; do
                    after=
                    [ -z "$until" ] || [ -z "$before" ] || [ "$before" -le "$until" ] || after=1
                    before=$time
                    if [ "$time" -ge "$since" ] && [ -z "$after" ] || [ "$time" = "$newest" ]; then
                        [ -r "$name" ] || { echo '#denied' && return; }
                        echo "#segment $name $size"
                        # Zeros take the place of what was cut off meanwhile.
                        { head -c "$size" "$name"; head -c "$size" /dev/zero; } | head -c "$size"
                        echo
                        count=$((count + 1))
                    fi
                done
                echo "#end $count"
            }

            renice -n 10 -p $$ >/dev/null 2>&1
            recording; exit
            """;

    private RecordingScript() {}

    /**
     * Returns the script.
     *
     * @param since the begin of the time; {@code null} for a day before its end
     * @param until the end of the time; {@code null} for the last sample
     */
    static String of(Instant since, Instant until) {
        return "since=" + seconds(since) + "\nuntil=" + seconds(until) + '\n' + TEXT;
    }

    private static String seconds(Instant time) {
        return time == null ? "" : Long.toString(time.getEpochSecond());
    }
}
