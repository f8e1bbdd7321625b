package psm.svg;

/** The script of the pictures, a part of that of the page. */
public final class PictureScript {
    /**
     * Gives each treemap a line that names the area under the pointer, and lets the reader enlarge
     * areas; shows the greatest size of a curve at the pointer. One rectangle takes the focus and
     * shows which area the keys are at, so that Tab stops only once in a picture.
     */
    public static final String TEXT =
            """
            const make=(parent,name,attributes)=>{
            const e=document.createElementNS(parent.namespaceURI,name);
            for(const a in attributes)e.setAttribute(a,attributes[a]);
            parent.append(e);return e};
            document.querySelectorAll('svg.tm').forEach(svg=>{
            const root=svg.querySelector('g'),{width:W,height:H}=svg.viewBox.baseVal,
            kids=g=>[...g.children].filter(e=>e.tagName=='g'),
            title=g=>g.querySelector('title').textContent,
            split=g=>{const t=title(g),i=t.lastIndexOf(', ');return[t.slice(0,i),t.slice(i+2)]},
            only=g=>{while(kids(g).length==1)g=kids(g)[0];return g},
            bounds=g=>{let l=W,t=H,r=0,b=0;
            for(const e of g.querySelectorAll('rect:not([class])')){const q=e.getBBox();
            l=Math.min(l,q.x);t=Math.min(t,q.y);r=Math.max(r,q.x+q.width);
            b=Math.max(b,q.y+q.height)}
            return[l,t,r-l,b-t]},
            words=g=>{let names='';
            for(let e=g;e!=root;e=e.parentNode)
            names=split(e)[0]+(names&&' \\u203a '+names);
            const share=100*g.dataset.b/root.dataset.b;
            return g==root?title(g):names+': '+split(g)[1]+', '
            +(share<.1?'less than 0.1':share.toFixed(1))+'%'};
            const top=only(root);
            let view=top,at=kids(top)[0],shape=[0,0,W,H];
            if(!at)return;
            const place=g=>{const b=bounds(g);
            return[(b[0]-shape[0])*W/shape[2],(b[1]-shape[1])*H/shape[3],
            b[2]*W/shape[2],b[3]*H/shape[3]]},
            line=document.createElement('p'),said=document.createElement('span'),
            back=document.createElement('button'),
            layer=make(svg,'g'),
            ring=make(svg,'rect',{class:'ring',tabindex:0,role:'button'}),
            say=g=>{said.textContent=g?words(g):
            'Point at an area to see what it is; click or Enter makes it larger.'},
            point=()=>{const b=place(at);
            ['x','y','width','height'].forEach((a,i)=>ring.setAttribute(a,b[i]));
            ring.setAttribute('aria-label',words(at)
            +(kids(only(at)).length?', enlarge':''))},
            label=(g,right,bottom,depth)=>{const b=place(g),
            down=b[0]<right&&b[1]<bottom?bottom-b[1]:0;
            if(b[2]<30||b[3]<14+down)return;
            const[name,size]=split(g),
            t=make(layer,'text',{class:depth?'t0':kids(g).length?'t1 up':'t1',x:b[0]+4});
            t.textContent=name+'\u2002'+size;
            const em=parseFloat(getComputedStyle(t).fontSize),
            fits=()=>t.getComputedTextLength()<=b[2]-8;
            t.setAttribute('y',b[1]+down+em+2);
            if(!fits())t.textContent=name;
            if(b[3]<down+em*1.4||!fits())t.remove();
            else{right=b[0]+4+t.getComputedTextLength();bottom=b[1]+down+em*1.3}
            kids(only(g)).forEach(e=>label(e,right,bottom,depth+1))},
            draw=()=>{layer.textContent='';
            if(view!=top)kids(view).forEach(e=>label(e,0,0,0))},
            show=(g,next)=>{view=g;at=next;shape=bounds(g);
            const x=W/shape[2],y=H/shape[3];
            root.setAttribute('transform','matrix('+[x,0,0,y,-shape[0]*x,-shape[1]*y]+')');
            svg.classList.toggle('in',g!=top);draw();
            back.hidden=g==top;point();say(g==top?null:g)},
            enter=g=>{at=g;point();say(g);g=only(g);if(kids(g).length)show(g,kids(g)[0])},
            leave=()=>{if(view==top)return;let g=view.parentNode,from=view;
            while(g!=top&&kids(g).length==1){from=g;g=g.parentNode}
            show(g,from)};
            line.className='st';said.setAttribute('role','status');
            back.type='button';back.textContent='Back';back.onclick=()=>{leave();ring.focus()};
            line.append(back,said);svg.after(line);svg.setAttribute('role','group');
            svg.onpointerover=e=>{const g=e.target.closest('g');
            say(root.contains(g)&&g!=root?g:null)};
            svg.onpointerleave=e=>{if(e.pointerType=='mouse')say(view==top?null:view)};
            svg.onclick=e=>{let g=e.target==ring?at:e.target.closest('g');
            if(!view.contains(g)||g==view)return;
            while(g.parentNode!=view)g=g.parentNode;
            enter(g)};
            ring.onfocus=()=>say(at);
            ring.onkeydown=e=>{if(e.altKey||e.ctrlKey||e.metaKey)return;
            const k=kids(view),i=k.indexOf(at),
            step={ArrowRight:1,ArrowDown:1,ArrowLeft:-1,ArrowUp:-1}[e.key];
            if(step)at=k[(i+step+k.length)%k.length];
            else if(e.key=='Home')at=k[0];
            else if(e.key=='End')at=k[k.length-1];
            else if(e.key=='Enter'||e.key==' ')enter(at);
            else if(e.key=='Escape'||e.key=='Backspace')leave();
            else return;
            e.preventDefault();point();say(at)};
            let kept;
            addEventListener('resize',draw);
            addEventListener('beforeprint',()=>{kept=[view,at];show(top,kids(top)[0])});
            addEventListener('afterprint',()=>show(...kept));
            show(top,at)});

            document.querySelectorAll('svg.cu').forEach(svg=>{
            const line=make(svg,'path',{class:'mk'}),text=make(svg,'text'),
            [from,end,most,base,left,right,above,below]=svg.dataset.t.split(' ').map(Number),
            points=[...svg.querySelector('.ln').getAttribute('d')
            .matchAll(/[ML]([\\d.]+) ([\\d.]+)/g)].map(m=>[+m[1],+m[2]]);
            svg.onpointermove=e=>{if(!points[0])return;
            const r=svg.getBoundingClientRect(),
            x=(e.clientX-r.left)/r.width*svg.viewBox.baseVal.width;
            let [px,py]=points.reduce((p,q)=>Math.abs(q[0]-x)<Math.abs(p[0]-x)?q:p),
            size=(below-py)/(below-above)*most,i=0;
            while(size>=1000&&i<5){size/=base;i++}
            line.setAttribute('d',`M${px} ${above}V${below}`);
            const far=px>(left+right)/2;
            text.setAttribute('x',far?px-4:px+4);text.setAttribute('y',below-4);
            text.setAttribute('class',far?'ty':'');
            text.textContent=new Date((from+(px-left)/(right-left)*(end-from))*1e3)
            .toUTCString().replace(/.{5}(..) (...) \\d+ (.{5}).*/,'$2 $1 $3Z, about ')
            +size.toFixed(1)+' '+'BKMGTP'[i]+(i?'B':'')};
            svg.onpointerleave=()=>{text.textContent='';line.removeAttribute('d')}});
            """;

    private PictureScript() {}
}
