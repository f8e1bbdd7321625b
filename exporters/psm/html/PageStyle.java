package psm.html;

import psm.svg.PictureStyle;

/** The style sheet of the page. It is the same for all reports, so that its hash is. */
final class PageStyle {
    static final String TEXT =
            """
            :root{color-scheme:light dark;--bg:#fff;--fg:#1b1d20;--soft:#5b6067;--line:#dcdfe3;\
            --hot:#b3261e;--focus:#0062b0}
            @media (prefers-color-scheme:dark){:root{--bg:#15171a;--fg:#e8e9eb;--soft:#a3a9b1;\
            --line:#34383e;--hot:#ff8a80;--focus:#6cb6ff}}
            body{margin:0 auto;padding:2rem 1.5rem;max-width:1200px;background:var(--bg);\
            color:var(--fg);font:15px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;\
            font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
            h1{margin:0 0 .25rem;font-size:1.4rem;font-weight:650;line-height:1.25}
            h2{margin:2.5rem 0 .5rem;font-size:1rem;font-weight:650}
            header p{margin:0;color:var(--soft)}
            header b{font-weight:500;color:var(--fg)}
            .r{margin-top:1rem;padding-left:.75rem;border-left:3px solid var(--soft)}
            .r h2{margin:0;font-size:1em}
            .r ul{margin:0;padding:0;list-style:none}
            .soft,footer{color:var(--soft);font-size:.9em}
            footer{margin-top:3rem;padding-top:.5rem;border-top:1px solid var(--line)}
            .h{position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
            .wide{overflow-x:auto}
            table{border-spacing:0}
            .s{width:100%}
            th,td{padding:.3rem 0 .3rem 1.25rem;border-bottom:1px solid var(--line);text-align:right;\
            vertical-align:top;font-weight:400;white-space:nowrap}
            th:first-child,.n{text-align:left}
            th:first-child{padding-left:0}
            tbody th,tfoot th,td.n{text-align:left;white-space:normal;min-width:7rem}
            td.n{min-width:4rem}
            .w{min-width:18rem}
            td summary{list-style:none;cursor:pointer}
            td summary::-webkit-details-marker{display:none}
            td summary::after{content:"\\2026"}
            td [open] summary::after{content:""}
            thead th{color:var(--soft);font-size:.8em;vertical-align:bottom;border-color:var(--soft)}
            thead small{font-size:1em;opacity:1}
            tfoot tr:last-child>*{font-weight:650;border:0}
            tfoot th{font-style:italic}
            th bdi,td bdi{display:inline-block;max-width:min(60rem,60vw);overflow:clip}
            h1,h2,header p,li,.ev{overflow-x:clip}
            .m>*,.x,small{color:var(--soft)}
            .a{color:var(--hot);font-weight:650}
            .e td{min-width:6rem;padding-left:0}
            .e th{padding-left:1rem}
            .e .t>*{font-weight:650}
            .e .p th{padding-left:2rem}
            .g{display:flex;flex-wrap:wrap;gap:0 4rem}.l{flex:1 1 100%;min-width:0}
            h2 small{font-weight:400}
            th button{all:unset;cursor:pointer}
            th button:hover{color:var(--fg)}
            [aria-sort] button{color:var(--fg);font-weight:650}
            [aria-sort=ascending] button::after{content:" \\2191"}
            [aria-sort=descending] button::after{content:" \\2193"}
            :focus-visible{outline:2px solid var(--focus)!important;outline-offset:2px}
            .find{margin:.5rem 0}
            .find input{margin:0 .75rem 0 .25rem;padding:.25rem .5rem;border:1px solid var(--soft);\
            border-radius:4px;background:var(--bg);color:inherit;font:inherit;max-width:70vw}
            dl{margin:0;columns:24rem 2;column-gap:3rem}
            dl div{break-inside:avoid;margin-bottom:.6rem}
            dt{font-weight:650;font-size:.9em}
            dd{margin:0;color:var(--soft)}
            @media (max-width:600px){body{padding:1rem}th,td{padding-left:.75rem}tbody th{position:sticky;left:0;background:var(--bg)}}
            @media print{body{padding:0;max-width:none;font-size:9pt;print-color-adjust:exact}\
            .wide{overflow:visible}tr,dl div{break-inside:avoid}th button{display:contents}\
            th bdi{max-width:20vw}td bdi{max-width:28vw}\
            tfoot{display:table-row-group}\
            h2{break-after:avoid}.find input,.find label,.st{display:none}\
            td ::details-content{content-visibility:visible;block-size:auto}td summary::after{content:""}}
            """
                    + depths()
                    + PictureStyle.TEXT;

    private PageStyle() {}

    /** Returns the rules for the indentation of a tree: a page without inline styles needs them. */
    private static String depths() {
        StringBuilder rules = new StringBuilder("[data-d] th{padding-left:");
        rules.append(HtmlTable.MAX_DEPTH).append("em}");
        for (int depth = 1; depth < HtmlTable.MAX_DEPTH; depth++) {
            rules.append("[data-d=\"").append(depth).append("\"] th{padding-left:");
            rules.append(depth).append("em}");
        }
        return rules.toString();
    }
}
