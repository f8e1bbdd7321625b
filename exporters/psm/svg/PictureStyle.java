package psm.svg;

/** The style sheet of the pictures, a part of that of the page. */
public final class PictureStyle {
    /**
     * The colours are those of Okabe and Ito: blue and vermillion for lines, and light ones of
     * blue, orange, purple and green for areas with text on them.
     */
    public static final String TEXT =
            """
            :root{--a:#b3ddf5;--b:#f4d48c;--c:#dea8c6;--d:#40b696;--e:#0072b2;--f:#c14f00}
            @media (prefers-color-scheme:dark){
            :root{--a:#2f566d;--b:#694d10;--c:#55394b;--d:#076f54;--e:#56b4e9;--f:#ff9a4d}}
            .pics{margin-top:1.5rem;display:flex;flex-wrap:wrap;gap:2rem 1.5rem;
            align-items:flex-start}
            .pic{margin:0;flex:1 1 100%;min-width:0}
            .pic:has(.sm){flex:0 0 calc(50% - .75rem)}
            .pic figcaption{margin:0 0 .6rem}
            .pic svg{display:block;height:auto;max-width:100%}
            .pic text{font-family:inherit;fill:var(--fg);pointer-events:none}
            .tm{outline:1px solid var(--line)}
            .tm rect{stroke:var(--bg);stroke-width:.6px;vector-effect:non-scaling-stroke}
            .tm .o1,.tm .o2,.tm .o3{fill:none;pointer-events:none}
            .tm .o1{stroke-width:4px}
            .tm .o2{stroke-width:2.5px}
            .tm .o3{stroke-width:1.2px}
            .ka{fill:var(--a)}.kb{fill:var(--b)}.kc{fill:var(--c)}.kd{fill:var(--d)}
            .ku{fill:url(#h)}.kz{fill:var(--bg)}
            .k1{fill-opacity:.8}.k2{fill-opacity:.62}
            .tm text{fill-opacity:1}
            #h path{stroke:var(--line);stroke-width:3;fill:none}
            .t0{font-size:12px}.t1{font-size:15px}.t2{font-size:20px}.t3{font-size:28px}
            .sm .t1{font-size:14px}.sm .t2{font-size:17px}.sm .t3{font-size:22px}
            .tm .up{font-weight:600}
            .x1,.x2{display:none}
            @media (max-width:1000px){.x1{display:inline}
            .pic:has(.sm){flex-basis:100%}
            .vw{display:none}
            .t0{font-size:17px}.t1{font-size:19px}.t2{font-size:23px}.t3{font-size:29px}
            .sm .t0{font-size:12px}.sm .t1{font-size:14px}.sm .t2{font-size:17px}
            .sm .t3{font-size:22px}}
            @media (max-width:600px){.x2{display:inline}
            .vm{display:none}
            .t0{font-size:30px}.t1{font-size:32px}.t2{font-size:35px}.t3{font-size:40px}
            .sm .t0{font-size:18px}.sm .t1{font-size:19px}.sm .t2{font-size:21px}
            .sm .t3{font-size:24px}}
            .tm.in>g:first-of-type text{display:none}
            .tm .ring{fill:none;stroke:none;pointer-events:none;outline:none!important}
            .tm .ring:focus-visible{stroke:var(--fg);stroke-width:4px}
            .tm g rect:not([class]):hover{filter:brightness(.9)}
            .ev{margin:.6rem 0;color:var(--soft)}.ev bdi{overflow-wrap:anywhere}
            .st{min-height:1.6em;margin:.3rem 0;color:var(--soft)}
            .st button{font:inherit;margin-right:.7em}
            .df{position:absolute}
            .cvs{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(340px,100%),1fr));
            gap:1.2rem 1.5rem}
            .cv{min-width:0;break-inside:avoid;display:flex;flex-direction:column;
            justify-content:flex-end}.cv p{margin:0 0 .2rem}
            .cv text{font-size:9.5px;fill:var(--soft)}
            .ty{text-anchor:end}.tx{text-anchor:middle}.cv .tl{fill:var(--f)}
            .ax{stroke:var(--line);fill:none}.gp{fill:url(#h)}
            .bd{fill:var(--a)}.ln{stroke:var(--e);fill:none;stroke-width:1.2;stroke-linejoin:round;
            stroke-linecap:round}
            .lw{stroke:var(--fg);fill:none;stroke-width:2.6;stroke-linecap:round}
            .li{stroke:var(--f);fill:none;stroke-width:1.3}
            .wd{fill:var(--f);fill-opacity:.25}.ex{stroke:var(--f);fill:none;stroke-dasharray:4 3;
            stroke-width:1.3}
            .mk{stroke:var(--soft);fill:none;stroke-dasharray:1 2}
            .brs{width:100%}.brs thead td{border-color:var(--soft)}.brs th{font-weight:400;
            max-width:22rem}
            .brs td:nth-child(2){width:45%;min-width:8rem;padding:.4rem .5rem 0}
            .brs svg{height:14px}
            .gr{fill:var(--f)}.dn{fill:var(--e)}
            .sc{max-width:900px!important}
            .sc text{font-size:12px;fill:var(--soft)}
            .sc .nm{fill:var(--fg)}.sc .nf{fill:var(--fg);font-weight:650}
            @media (max-width:600px){.sc text{font-size:20px}.sc .nm{display:none}}
            .te{text-anchor:end}
            .pn{fill:var(--e);fill-opacity:.55}.pf{fill:var(--f)}
            .pt td{text-align:right}.i1{padding-left:1.2em}.i2{padding-left:2.4em}
            @media print{.tm,.sc{break-inside:avoid}
            .pic details{display:none}}
            """
                    .replace("\n", "");

    private PictureStyle() {}
}
